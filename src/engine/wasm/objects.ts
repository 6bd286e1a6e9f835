/** What an address space knows of where its code comes from: objects, their functions, bytes to translate. */

import { ACCESS, type CodeObject, type CodeSymbol, type GuestMemory } from "../../machine/index.ts";
import type { CodeView, FunctionMap } from "../../translate/index.ts";

/** An object with its symbols sorted out. */
export class KnownObject {
  readonly object: CodeObject;
  private table: { readonly starts: readonly number[]; readonly symbols: readonly CodeSymbol[] } | undefined;

  constructor(object: CodeObject) {
    this.object = object;
  }

  contains(pc: number): boolean {
    return pc >= this.object.start && pc < this.object.end;
  }

  /** The symbol at or before an address, and where the function ends. */
  find(pc: number): { readonly symbol: CodeSymbol; readonly end: number } | undefined {
    const { starts, symbols } = this.sorted();
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (starts[middle]! <= pc) low = middle + 1;
      else high = middle;
    }
    const symbol = symbols[low - 1];
    if (symbol === undefined) return undefined;
    const next = starts[low] ?? this.object.end;
    const end = symbol.size > 0 ? symbol.address + symbol.size : next;
    return pc < end ? { symbol, end } : undefined;
  }

  private sorted() {
    if (this.table === undefined) {
      const byStart = new Map<number, CodeSymbol>();
      for (const symbol of this.object.symbols()) {
        const known = byStart.get(symbol.address);
        if (this.contains(symbol.address) && (known === undefined || known.size < symbol.size)) {
          byStart.set(symbol.address, symbol);
        }
      }
      const symbols = [...byStart.values()].sort((a, b) => a.address - b.address);
      this.table = { symbols, starts: symbols.map((symbol) => symbol.address) };
    }
    return this.table;
  }
}

/** The objects of one address space. */
export class ObjectMap implements FunctionMap {
  private objects: KnownObject[] = [];

  add(object: CodeObject): void {
    this.remove(object.start, object.end);
    this.objects.push(new KnownObject(object));
  }

  /** Forgets objects that a range touches: what is there now is not what the file has. */
  remove(start: number, end: number): void {
    this.objects = this.objects.filter(({ object }) => object.end <= start || object.start >= end);
  }

  clear(): void {
    this.objects = [];
  }

  at(pc: number): KnownObject | undefined {
    return this.objects.find((known) => known.contains(pc));
  }

  endOf(pc: number): number | undefined {
    const found = this.at(pc)?.find(pc);
    return found?.symbol.address === pc ? found.end : undefined;
  }

  nameOf(pc: number): string {
    const known = this.at(pc);
    const found = known?.find(pc);
    if (found === undefined) return known?.object.name ?? "anonymous";
    const offset = pc - found.symbol.address;
    return offset === 0 ? found.symbol.name : `${found.symbol.name}+0x${offset.toString(16)}`;
  }

  /** Where the function around an address starts, as far as anybody knows; else the address itself. */
  startOf(pc: number): number {
    return this.at(pc)?.find(pc)?.symbol.address ?? pc;
  }
}

/** Guest memory as the translator reads it: code of one object, or code of none. */
export class MemoryView implements CodeView {
  private readonly memory: GuestMemory;
  private readonly inside: (pc: number) => boolean;

  constructor(memory: GuestMemory, inside: (pc: number) => boolean) {
    this.memory = memory;
    this.inside = inside;
  }

  half(address: number): number | undefined {
    const { u8 } = this.memory;
    if ((this.memory.accessAt(address) & ACCESS.EXEC) === 0 || !this.inside(address)) return undefined;
    return u8[address]! | (u8[address + 1]! << 8);
  }

  word(address: number): number | undefined {
    if ((this.memory.accessAt(address) & ACCESS.READ) === 0 || address % 4 !== 0) return undefined;
    return this.memory.i32[address >>> 2];
  }
}
