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
  /** The parts of a page-aligned range that hold anything but zeros, in whole pages. */
  usedRuns(start: number, end: number): Iterable<{ readonly start: number; readonly end: number }>;
  /** What engines keep with the memory from one use to the next, by a key of their own. */
  readonly parts: Map<symbol, unknown>;
}

/** Memories that wait for an address space. */
export class SpacePool {
  private readonly compiler: CodeCompiler;
  private readonly idle: MemorySlot[] = [];
  private tools: unknown;

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
    this.tools ??= this.compiler.compile(memoryTools());
    const { clear, find } = this.compiler.instantiate(this.tools, { env: { memory: handle } });
    return {
      handle,
      memory: new GuestMemory(shared),
      clear: (address, length) => void clear!(address, length),
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
 * A module with `clear(address, length)` and `find(start, end, used)`: the first page of a range that is not all zeros, or, if
 * `used` is 0, that is; `end` if there is none.
 */
function memoryTools(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory("env", "memory", 1, MAX_WASM_PAGES);
  const clear = module.define(module.type(["i32", "i32"], []), "clear");
  module.body(clear, new CodeBuilder(["i32", "i32"]).get(0).i32(0).get(1).memoryFill());
  module.exportFunction("clear", clear);
  const find = module.define(module.type(["i32", "i32", "i32"], ["i32"]), "find");
  module.body(find, findBody());
  module.exportFunction("find", find);
  return module.encode().bytes;
}

/** Bytes that are looked at together. */
const STRIDE = 256;

function findBody(): CodeBuilder {
  const code = new CodeBuilder(["i32", "i32", "i32"]);
  const page = 0;
  const end = 1;
  const wanted = 2;
  const at = code.local("i32");
  const used = code.local("i32");
  code.block("void", (done) => {
    code.loop("void", (nextPage) => {
      code.get(page).get(end).op("i32_ge_u").brIf(done);
      code.get(page).set(at);
      code.loop("void", (nextStride) => {
        for (let offset = 0; offset < STRIDE; offset += 16) {
          code.get(at).mem("v128_load", offset);
          if (offset > 0) code.op("v128_or");
        }
        code.op("v128_any_true").tee(used).op("i32_eqz");
        code.get(at).i32(STRIDE).op("i32_add").tee(at).get(page).op("i32_sub").i32(PAGE_SIZE).op("i32_ne");
        code.op("i32_and").brIf(nextStride);
      });
      code.get(used).get(wanted).op("i32_eq").brIf(done);
      code.get(page).i32(PAGE_SIZE).op("i32_add").set(page);
      code.br(nextPage);
    });
  });
  return code.get(page);
}
