import { type CodeCompiler, GuestMemory, KERNEL_END, LAYOUT, PAGE_SIZE, WASM_PAGE_SIZE } from "../machine/index.ts";
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
  /** The parts of a page-aligned range that hold anything but zeros, in whole pages. */
  usedRuns(start: number, end: number): Iterable<{ readonly start: number; readonly end: number }>;
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

  /** Takes a slot whose memory is all zeroes, except what its parts left in the arena. */
  acquire(): MemorySlot {
    const { idle } = this.store;
    const own = idle.findLastIndex(({ owner }) => owner === this);
    // Without one of its own, the last.
    const [found] = idle.splice(own, 1);
    if (found === undefined) return this.create();
    if (found.owner === this) wipe(found.slot);
    else scrub(found.slot);
    return found.slot;
  }

  /** Keeps a slot for its next use, which wipes it: often there is none. Parts reset themselves before. */
  release(slot: MemorySlot): void {
    this.store.idle.push({ slot, owner: this });
  }

  private create(): MemorySlot {
    const shared = this.compiler.memory(LAYOUT.arenaHigh / WASM_PAGE_SIZE, MAX_WASM_PAGES);
    const handle = shared.memory;
    this.store.tools ??= this.compiler.compile(buildMemoryTools(), "own");
    const { clear, copy, find } = this.compiler.instantiate(this.store.tools, { env: { memory: handle } });
    return {
      handle,
      memory: new GuestMemory(shared),
      clear: (address, length) => void clear!(address, length),
      copy: (to, from, length) => void copy!(to, from, length),
      *usedRuns(from, to) {
        // Addresses and results are unsigned words; the last page of all is never mapped, so that none wraps.
        const next = (start: number, used: boolean): number => find!(start, to, used ? 1 : 0) >>> 0;
        for (let start = next(from, true); start < to; ) {
          const end = next(start, false);
          yield { start, end };
          start = next(end, true);
        }
      },
      parts: new Map(),
    };
  }
}

/**
 * Sets what the guest and the kernel used of a memory to zero. Pages that were mapped but never touched, most of a stack, are
 * only read: writing zeros to them would make the host provide them.
 */
function wipe({ memory, clear, usedRuns }: MemorySlot): void {
  clear(0, KERNEL_END);
  for (const { start, end } of memory.takeUsed()) {
    // Reserved addresses need not exist.
    const runs = start < memory.size ? usedRuns(start, Math.min(end, memory.size)) : [];
    for (const run of runs) clear(run.start, run.end - run.start);
    clear(LAYOUT.pageTable + start / PAGE_SIZE, (end - start) / PAGE_SIZE);
  }
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
