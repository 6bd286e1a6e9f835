/**
 * The translated code of one address space: which table slot has which region, what the code map says, who calls whom.
 */
import type { CodeCompiler, CodeTable, GuestMemory } from "../../machine/index.ts";
import type { TranslatedRegion } from "../../translate/index.ts";
import { CODE_MAP, codeMapRecord } from "../code-map.ts";
import type { CachedModule } from "./module-cache.ts";
import { SlotAllocator } from "./slot-allocator.ts";
import { type SlotPart, TABLE_SIZE } from "./slot-part.ts";

/** Table slot 0 is never given out: an empty code map record leads there. */
const FIRST_SLOT = 1;

/** A module in use. It comes and goes as a whole, since calls within it bypass the table. */
interface LiveModule {
  readonly cached: CachedModule;
  readonly slot: number;
  readonly links: CodeTable;
  /** Bounds of its ranges. */
  readonly low: number;
  readonly high: number;
  /** Whether a file's unchanged text is what it was made of. */
  readonly fromFile: boolean;
}

interface Entry {
  readonly slot: number;
  readonly number: number;
  readonly module: LiveModule;
}

interface LinkSite {
  readonly table: CodeTable;
  readonly index: number;
}

export interface CodeCacheParts {
  readonly compiler: CodeCompiler;
  readonly memory: GuestMemory;
  readonly handle: unknown;
  readonly part: SlotPart;
}

export class CodeCache {
  private readonly parts: CodeCacheParts;
  private readonly slots = new SlotAllocator(FIRST_SLOT, TABLE_SIZE);
  private readonly modules = new Set<LiveModule>();
  private readonly entries = new Map<number, Entry>();
  /** Links that call a region by its start, by that address. */
  private readonly links = new Map<number, Set<LinkSite>>();

  /** Whether the code map was ever written to. */
  private published = false;

  constructor(parts: CodeCacheParts) {
    this.parts = parts;
  }

  /** Modules in use. */
  get size(): number {
    return this.modules.size;
  }

  has(pc: number): boolean {
    return this.entries.has(pc);
  }

  /** Puts an address into the code map if there is code for it. */
  publish(pc: number): boolean {
    const entry = this.entries.get(pc);
    if (entry === undefined) return false;
    this.writeRecord(pc, entry);
    return true;
  }

  /**
   * Instantiates a module and links it with what is there.
   *
   * @returns false if the table has no room.
   */
  add(cached: CachedModule, fromFile: boolean, functions: Readonly<Record<string, unknown>>): boolean {
    const { compiler, handle, part } = this.parts;
    const { table, miss } = part;
    const { regions, links: wanted, ranges } = cached.translation;
    const slot = this.slots.take(regions.length);
    if (slot === undefined) return false;
    const links = compiler.table(Math.max(1, wanted.length));
    part.instances++;
    part.used = Math.max(part.used, slot + regions.length);
    compiler.instantiate(cached.compiled, {
      env: { memory: handle, table: table.handle, links: links.handle, slot, ...functions },
    });
    const low = Math.min(...ranges.map((range) => range.start));
    const high = Math.max(...ranges.map((range) => range.end));
    const module: LiveModule = { cached, slot, links, low, high, fromFile };
    this.modules.add(module);
    for (const [i, region] of regions.entries()) this.enter(module, region, slot + i);
    for (const [index, pc] of wanted.entries()) {
      const sites = this.links.get(pc) ?? new Set();
      this.links.set(pc, sites.add({ table: links, index }));
      links.set(index, this.startFunction(pc) ?? miss);
    }
    return true;
  }

  /** Drops one module. */
  remove(cached: CachedModule): void {
    for (const module of this.modules) if (module.cached === cached) this.drop(module);
  }

  /** Drops the modules made of code in a range. */
  invalidate(start: number, end: number): void {
    for (const module of this.modules) {
      if (module.high <= start || module.low >= end) continue;
      if (module.cached.translation.ranges.some((range) => range.start < end && range.end > start)) this.drop(module);
    }
  }

  /** Drops the modules that no file backs. */
  dropAnonymous(): void {
    for (const module of this.modules) if (!module.fromFile) this.drop(module);
  }

  dropAll(): void {
    for (const module of this.modules) this.drop(module);
  }

  /**
   * Drops everything for good; whoever takes the table next puts it in order. Who ran translated code may have written to the
   * code map: the next guest gets an empty one.
   */
  release(clear: (address: number, length: number) => void): void {
    if (this.published) clear(CODE_MAP.base, CODE_MAP.bytes);
  }

  private enter(module: LiveModule, { start, entries }: TranslatedRegion, slot: number): void {
    for (const [number, pc] of entries.entries()) {
      // A region that starts there is better than one that can be entered there.
      const known = this.entries.get(pc);
      if (known !== undefined && (number > 0 || known.number === 0)) continue;
      this.entries.set(pc, { slot, number, module });
    }
    const entry = this.entries.get(start)!;
    if (entry.module !== module) return;
    this.writeRecord(start, entry);
    const fn = this.startFunction(start);
    for (const { table, index } of this.links.get(start) ?? []) table.set(index, fn);
  }

  private startFunction(pc: number): unknown {
    const entry = this.entries.get(pc);
    return entry?.number === 0 ? this.parts.part.table.get(entry.slot) : undefined;
  }

  private writeRecord(pc: number, { slot, number }: Entry): void {
    this.published = true;
    const { i32 } = this.parts.memory;
    const record = codeMapRecord(pc) >>> 2;
    i32[record] = pc;
    i32[record + 1] = slot | (number << 16);
  }

  private drop(module: LiveModule): void {
    const { part, memory } = this.parts;
    const { table, miss } = part;
    const { regions, links } = module.cached.translation;
    this.modules.delete(module);
    for (const { start, entries } of regions) {
      for (const pc of entries) {
        if (this.entries.get(pc)?.module !== module) continue;
        this.entries.delete(pc);
        const record = codeMapRecord(pc) >>> 2;
        if (memory.u32[record] === pc) memory.i32[record] = 0;
      }
      if (!this.entries.has(start)) {
        for (const { table: caller, index } of this.links.get(start) ?? []) caller.set(index, miss);
      }
    }
    for (let i = 0; i < regions.length; i++) table.set(module.slot + i, miss);
    this.slots.give(module.slot, regions.length);
    for (const [index, pc] of links.entries()) {
      for (const site of this.links.get(pc) ?? []) {
        if (site.table === module.links && site.index === index) this.links.get(pc)!.delete(site);
      }
    }
  }
}
