import { makeSoft, type Soft } from "../isa/softfloat/soft.ts";
import {
  type AddressRange,
  type CodeCompiler,
  GuestMemory,
  HART,
  type InitialContent,
  KERNEL_END,
  LAYOUT,
  PAGE_SIZE,
  WASM_PAGE_SIZE,
} from "../machine/index.ts";
import { MAX_WASM_PAGES } from "./limits.ts";
import { buildMemoryTools } from "./memory-tools.ts";

/**
 * A memory that one address space uses at a time, and what the engines have instantiated over it.
 *
 * Hosts give shared memories back late or never (Node 20), and browsers have few; so slots are wiped and used again.
 */
export interface MemorySlot {
  /** The host's memory object, for imports. */
  readonly handle: unknown;
  readonly memory: GuestMemory;
  /** Sets `length` bytes from `address` to zero: far faster than a typed array's fill on shared memory. */
  clear(address: number, length: number): void;
  /** Copies `length` bytes; ranges may overlap. */
  copy(to: number, from: number, length: number): void;
  /** Copies `length` bytes, and zeroes what lies before and behind the copy; all are multiples of 16. */
  place(to: number, from: number, length: number, before: number, behind: number): void;
  /** The parts of a page-aligned range that hold anything but zeros, in whole pages. */
  usedRuns(start: number, end: number): readonly AddressRange[];
  /** Out-of-line floating point, on the hart in this memory. */
  readonly soft: Soft;
  /** What engines keep with the memory from one use to the next, by a key of their own. */
  readonly parts: Map<symbol, unknown>;
}

/** What the pools of several machines share. */
interface Store {
  /** Slots that wait, and whose they were. */
  readonly idle: { readonly slot: MemorySlot; readonly owner: SpacePool }[];
  tools: unknown;
}

/** Memories for the address spaces of one machine. */
export class SpacePool {
  private readonly compiler: CodeCompiler;
  private readonly store: Store;

  constructor(compiler: CodeCompiler, store: Store = { idle: [], tools: undefined }) {
    this.compiler = compiler;
    this.store = store;
  }

  /** Makes the pool of another machine, which uses the same memories again. */
  forMachine(): SpacePool {
    return new SpacePool(this.compiler, this.store);
  }

  /** Takes a slot whose memory is all zeroes, except what its parts left in the arena, and what it is to have at first. */
  acquire(content?: InitialContent): MemorySlot {
    const slot = this.take(content?.ranges ?? []);
    try {
      if (content !== undefined) fillIn(slot.memory, content);
    } catch (refusal) {
      this.release(slot);
      throw refusal;
    }
    return slot;
  }

  /** Keeps a slot for its next use, which wipes it: often there is none. Parts reset themselves before. */
  release(slot: MemorySlot): void {
    this.store.idle.push({ slot, owner: this });
  }

  /** @param but - what is written to as a whole afterwards. */
  private take(but: readonly AddressRange[]): MemorySlot {
    const { idle } = this.store;
    const own = idle.findLastIndex(({ owner }) => owner === this);
    // Without one of its own, the last.
    const [found] = idle.splice(own, 1);
    if (found === undefined) return this.create();
    if (found.owner === this) wipe(found.slot, but);
    else scrub(found.slot);
    return found.slot;
  }

  private create(): MemorySlot {
    const shared = this.compiler.memory(LAYOUT.arenaHigh / WASM_PAGE_SIZE, MAX_WASM_PAGES);
    const handle = shared.memory;
    this.store.tools ??= this.compiler.compile(buildMemoryTools(), "own");
    const { clear, copy, place, find } = this.compiler.instantiate(this.store.tools, { env: { memory: handle } });
    return {
      handle,
      memory: new GuestMemory(shared),
      clear: (address, length) => void clear!(address, length),
      copy: (to, from, length) => void copy!(to, from, length),
      place: (to, from, length, before, behind) => void place!(to, from, length, before, behind),
      usedRuns(from, to) {
        const runs: AddressRange[] = [];
        // Addresses and results are unsigned words; the last page of all is never mapped, so that none wraps.
        for (let start = find!(from, to, 1) >>> 0; start < to; ) {
          const end = find!(start, to, 0) >>> 0;
          runs.push({ start, end });
          start = find!(end, to, 1) >>> 0;
        }
        return runs;
      },
      soft: makeSoft(shared.buffer, HART),
      parts: new Map(),
    };
  }
}

function fillIn(memory: GuestMemory, { memory: from, ranges }: InitialContent): void {
  for (const { start, end } of ranges) {
    memory.ensure(end);
    memory.markUsed(start, end);
    memory.u8.set(from.u8.subarray(start, end), start);
  }
}

/**
 * Sets what the guest and the kernel used of a memory to zero. Pages that were mapped but never touched, most of a stack, are
 * only read: writing zeros to them would make the host provide them.
 */
function wipe({ memory, clear, usedRuns }: MemorySlot, but: readonly AddressRange[]): void {
  clear(0, KERNEL_END);
  for (const { start, end } of memory.takeUsed()) {
    // Reserved addresses need not exist.
    for (const part of outside(but, start, Math.min(end, memory.size)))
      for (const run of usedRuns(part.start, part.end)) clear(run.start, run.end - run.start);
    clear(LAYOUT.pageTable + start / PAGE_SIZE, (end - start) / PAGE_SIZE);
  }
}

/** The parts of a range that lie outside of others, which ascend. */
function outside(others: readonly AddressRange[], start: number, end: number): AddressRange[] {
  const parts: AddressRange[] = [];
  let from = start;
  for (const other of others) {
    if (other.start > from && from < end) parts.push({ start: from, end: Math.min(other.start, end) });
    from = Math.max(from, other.end);
  }
  if (from < end) parts.push({ start: from, end });
  return parts;
}

/**
 * Sets all of a memory to zero, and forgets what engines kept with it. Guest code whose accesses are not checked may have written
 * anywhere, into the arena too: what it left there would be another machine's code.
 */
function scrub({ memory, clear, usedRuns, parts }: MemorySlot): void {
  memory.takeUsed();
  parts.clear();
  for (const { start, end } of usedRuns(0, memory.size)) clear(start, end - start);
}
