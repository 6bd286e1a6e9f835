/** One object's functions and data, and what refers to what. */

import type { CodeSymbol } from "../../machine/engine.ts";
import { stepAt } from "../../translate/step.ts";
import type { ElfObject } from "./elf-object.ts";
import type { Values } from "./function-code.ts";
import { FunctionCode } from "./function-code.ts";

/** A place in the program: a function or a piece of data of one object, or a symbol of another one. */
export type Target =
  | { readonly kind: "own"; readonly address: number }
  | { readonly kind: "symbol"; readonly name: string };

export interface EcallSite {
  readonly pc: number;
  readonly number: Values;
  /** The second argument, which says what an ioctl(2) asks. */
  readonly request: Values;
  /** The first argument, which says of what family a socket(2) is. */
  readonly family: () => Values;
}

/** A function, or the data from one referenced address to the next. */
export interface Node {
  readonly start: number;
  readonly refers: readonly Target[];
  readonly ecalls: readonly EcallSite[];
  /** Calls, with what a register may be there: for callees that make the system call that they are told. */
  readonly calls: readonly { readonly to: Target; readonly values: (register: number) => Values }[];
}

const GP = 3;
const A0 = 10;
const A1 = 11;

/** Reads an object's code and data. What is reachable is decided afterwards. */
export class ObjectGraph {
  readonly object: ElfObject;
  private readonly starts: readonly number[];
  private readonly functions = new Map<number, FunctionCode>();
  private readonly nodes = new Map<number, Node>();
  private readonly labels: readonly number[];
  private readonly named: readonly CodeSymbol[];
  private readonly namedStarts: readonly number[];
  private readonly gp: number | undefined;

  constructor(object: ElfObject) {
    this.object = object;
    this.starts = this.findStarts();
    this.gp = this.findGlobalPointer();
    this.labels = this.findLabels();
    this.named = object.functions.filter(({ name }) => name !== "");
    this.namedStarts = this.named.map(({ address }) => address);
  }

  /** The name of the function at or before an address. */
  nameOf(address: number): string {
    const found = this.named[upTo(this.namedStarts, address) - 1];
    const inside = found !== undefined && (found.size === 0 || address < found.address + found.size);
    return inside ? found.name : `0x${address.toString(16)}`;
  }

  /** The function or the piece of data that holds an address. */
  nodeAt(address: number): Node | undefined {
    const inText = this.isText(address);
    const start = lastUpTo(inText ? this.starts : this.labels, address);
    if (start === undefined) return undefined;
    const known = this.nodes.get(start) ?? (inText ? this.functionNode(start) : this.dataNode(start));
    this.nodes.set(start, known);
    return known;
  }

  private isText(address: number): boolean {
    return this.object.text.some(({ start, end }) => address >= start && address < end);
  }

  private functionAt(start: number): FunctionCode {
    const index = upTo(this.starts, start);
    const segment = this.object.text.find((text) => start >= text.start && start < text.end)!;
    const known =
      this.functions.get(start) ??
      new FunctionCode(this.object.code, start, Math.min(this.starts[index] ?? segment.end, segment.end));
    this.functions.set(start, known);
    return known;
  }

  private functionNode(start: number): Node {
    const code = this.functionAt(start);
    const refers: Target[] = [];
    const calls: { to: Target; values: (register: number) => Values }[] = [];
    for (const { kind, to, at } of code.references(this.gp)) {
      const target = kind === "load" ? this.loaded(to) : kind === "code" ? this.throughStub(to) : own(to);
      refers.push(target);
      if (kind === "load") refers.push(own(to));
      if (kind === "code") calls.push({ to: target, values: (register) => code.valuesBefore(at, register) });
    }
    const ecalls = [...code.ecalls()].map(({ pc, at, number }) => ({
      pc,
      number,
      request: code.valuesBefore(at, A1),
      family: () => code.valuesBefore(at, A0),
    }));
    return { start, refers, ecalls, calls };
  }

  private dataNode(start: number): Node {
    const end = this.labels[upTo(this.labels, start)] ?? this.object.image.end;
    const refers: Target[] = [];
    for (let at = Math.ceil(start / 8) * 8; at < end; at += 8) {
      const target = this.stored(at);
      if (target !== undefined) refers.push(target);
    }
    return { start, refers, ecalls: [], calls: [] };
  }

  /** What a word of data points to. */
  private stored(at: number): Target | undefined {
    const { object } = this;
    const relocation = object.relocations.get(at);
    if (relocation !== undefined)
      return relocation.symbol === undefined ? own(relocation.addend) : symbol(relocation.symbol);
    if (object.image.relocatable) return undefined;
    const value = object.word64(at);
    return value !== undefined && value >= object.image.start && value < object.image.end ? own(value) : undefined;
  }

  private loaded(address: number): Target {
    return this.stored(address) ?? own(address);
  }

  /** Where a call really goes, if it goes to a stub of the procedure linkage table: auipc, ld, jalr. */
  private throughStub(address: number): Target {
    const { code } = this.object;
    const first = stepAt(code, address);
    if (first?.op.name !== "auipc") return own(address);
    const second = stepAt(code, address + first.length);
    const third = second && stepAt(code, second.pc + second.length);
    if (second?.op.name !== "ld" || third?.op.kind !== "jalr") return own(address);
    return second.rs1 === first.rd && third.rs1 === second.rd
      ? this.loaded(first.pc + first.imm + second.imm)
      : own(address);
  }

  private findStarts(): readonly number[] {
    const { object } = this;
    const found = new Set([
      ...object.functions.map(({ address }) => address),
      ...object.roots,
      ...object.exports.values(),
    ]);
    for (const { addend, symbol: name } of object.relocations.values()) if (name === undefined) found.add(addend);
    for (const { start, end } of object.text) {
      found.add(start);
      for (let pc = start; pc < end; ) {
        const step = stepAt(object.code, pc);
        if (step?.op.kind === "jal" && step.rd !== 0) found.add(pc + step.imm);
        pc += step?.length ?? 2;
      }
    }
    return [...found].filter((address) => this.isText(address) && address % 2 === 0).sort((a, b) => a - b);
  }

  /** The entry code sets gp, if anybody does. */
  private findGlobalPointer(): number | undefined {
    const start = lastUpTo(this.starts, this.object.image.entry);
    if (start === undefined) return undefined;
    const code = this.functionAt(start);
    const candidates = code.steps.flatMap((step, i) => (step.rd === GP && step.op.name === "addi" ? [i + 1] : []));
    for (const at of candidates) {
      const [value] = code.valuesBefore(at, GP).known;
      if (value !== undefined) return value;
    }
    // Often it is a function of its own that _start calls.
    for (const { kind, to } of code.references(undefined)) {
      if (kind !== "code" || !this.starts.includes(to)) continue;
      const called = this.functionAt(to);
      const at = called.steps.findIndex((step) => step.rd === GP && step.op.name === "addi");
      const [value] = at < 0 ? [] : called.valuesBefore(at + 1, GP).known;
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** Every address of data that code or data refers to. */
  private findLabels(): readonly number[] {
    const { object } = this;
    const found = new Set<number>(object.exports.values());
    for (const start of this.starts)
      for (const { kind, to } of this.functionAt(start).references(this.gp)) if (kind !== "code") found.add(to);
    for (const { offset, addend, symbol: name } of object.relocations.values()) {
      if (name === undefined) found.add(addend);
      // A slot of the global offset table is a piece of its own.
      if (name !== undefined) found.add(offset).add(offset + 8);
    }
    const { start, end } = object.image;
    return [...found]
      .filter((address) => address >= start && address < end && !this.isText(address))
      .sort((a, b) => a - b);
  }
}

function own(address: number): Target {
  return { kind: "own", address };
}

function symbol(name: string): Target {
  return { kind: "symbol", name };
}

/** How many numbers of a sorted list are not above a limit. */
function upTo(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function lastUpTo(sorted: readonly number[], limit: number): number | undefined {
  return sorted[upTo(sorted, limit) - 1];
}
