import { CodeBuilder } from "../base/wasm/code.ts";
import { ModuleBuilder } from "../base/wasm/module.ts";
import { type CodeCompiler, GuestMemory, KERNEL_END, LAYOUT, PAGE_SIZE, WASM_PAGE_SIZE } from "../machine/index.ts";

/** Pages of 64 KB that a WebAssembly memory of 4 GB has. */
export const MAX_WASM_PAGES = 0x1_0000;

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
  /** What engines keep with the memory from one use to the next, by a key of their own. */
  readonly parts: Map<symbol, unknown>;
}

/** Memories that wait for an address space. */
export class SpacePool {
  private readonly compiler: CodeCompiler;
  private readonly idle: MemorySlot[] = [];
  private clearModule: unknown;

  constructor(compiler: CodeCompiler) {
    this.compiler = compiler;
  }

  /** Takes a slot whose memory is all zeroes, except what its parts left in the arena. */
  acquire(): MemorySlot {
    const slot = this.idle.pop();
    if (slot === undefined) return this.create();
    wipe(slot);
    return slot;
  }

  /** Keeps a slot for its next use, which wipes it: often there is none. Parts reset themselves before. */
  release(slot: MemorySlot): void {
    this.idle.push(slot);
  }

  private create(): MemorySlot {
    const shared = this.compiler.memory(LAYOUT.arenaHigh / WASM_PAGE_SIZE, MAX_WASM_PAGES);
    const handle = shared.memory;
    this.clearModule ??= this.compiler.compile(clearFunction());
    const { clear } = this.compiler.instantiate(this.clearModule, { env: { memory: handle } });
    return {
      handle,
      memory: new GuestMemory(shared),
      clear: (address, length) => void clear!(address, length),
      parts: new Map(),
    };
  }
}

/** Sets what the guest and the kernel used of a memory to zero. */
function wipe({ memory, clear }: MemorySlot): void {
  clear(0, KERNEL_END);
  for (const { start, end } of memory.takeUsed()) {
    // Reserved addresses need not exist.
    if (start < memory.size) clear(start, Math.min(end, memory.size) - start);
    clear(LAYOUT.pageTable + start / PAGE_SIZE, (end - start) / PAGE_SIZE);
  }
}

/** A module with one function, `clear(address, length)`. */
function clearFunction(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory("env", "memory", 1, MAX_WASM_PAGES);
  const clear = module.define(module.type(["i32", "i32"], []), "clear");
  module.body(clear, new CodeBuilder(["i32", "i32"]).get(0).i32(0).get(1).memoryFill());
  module.exportFunction("clear", clear);
  return module.encode().bytes;
}
