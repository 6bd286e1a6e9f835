import { EXIT, type ExitReason } from "./hart.ts";
import type { GuestMemory, MemoryPolicy } from "./memory.ts";

/** How running code notices that it should stop: a word raised from outside, or an exact count of instructions. */
export type PollMode = "flag" | "fuel";

/** How guest code goes on after an ecall. */
export const TRAP = {
  /** Behind the ecall. Of registers, only a0 may have changed. */
  GO_ON: 0,
  /** {@link Space.run} is left with EXIT.SYSCALL. */
  LEAVE: EXIT.SYSCALL,
  /**
   * At the pc of the hart, with all of its registers: a signal handler, another thread. What memory may be executed may have
   * changed too. No guest code is left on the host's stack, but {@link Space.run} goes on.
   */
  ELSEWHERE: 0x20,
} as const;

export type TrapAnswer = (typeof TRAP)[keyof typeof TRAP];

/** What happens at an ecall. */
export interface TrapHandler {
  /**
   * Handles the system call in the hart's registers: a7 is its number, a0 to a5 its arguments; pc already points behind
   * the ecall. It writes a0 itself.
   */
  syscall(): TrapAnswer;
}

/** What the translation of a piece of code depends on beyond its bytes and its address. All of it is in the code key. */
export interface SpaceOptions {
  readonly policy: MemoryPolicy;
  readonly poll: PollMode;
  /**
   * Whether accrued floating-point exceptions are kept everywhere. If not, an engine may leave them out where it is faster,
   * until the program first looks at them: then it goes over to true by itself.
   */
  readonly fflags: boolean;
  /** Whether instructions in translated code are counted into the hart's `retired` word. */
  readonly count: boolean;
}

/** A function of the guest that someone knows of: from a symbol table, .eh_frame, or an entry point. */
export interface CodeSymbol {
  readonly address: number;
  /** Bytes, or 0 if unknown. */
  readonly size: number;
  /** Empty if only its extent is known. */
  readonly name: string;
}

/** A file's executable text, mapped into the space; what is not told is anonymous code, which is translated apart. */
export interface CodeObject {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Hex digest of the object's bytes: with the load address it names its translations in a cache. */
  readonly contentKey: string;
  /** Function symbols by ascending address; asked for once, when the first region is translated. */
  symbols(): readonly CodeSymbol[];
}

export interface EngineStats {
  /** Instructions interpreted, and run in translated code (0 unless counted). */
  readonly interpreted: number;
  readonly translated: number;
  readonly regions: number;
  readonly modules: number;
  /** Guest bytes translated, and bytes of WebAssembly made of them. */
  readonly guestBytes: number;
  readonly wasmBytes: number;
  readonly translateMs: number;
  readonly compileMs: number;
  /** Modules taken from a cache. */
  readonly cacheHits: number;
}

/** A page-aligned range of addresses. */
export interface AddressRange {
  readonly start: number;
  readonly end: number;
}

/** What the memory of a new space holds at first: some ranges of another one's, zeros elsewhere. */
export interface InitialContent {
  readonly memory: GuestMemory;
  readonly ranges: readonly AddressRange[];
}

/**
 * Runs guest code. An engine knows no Linux: it runs until something happens that it cannot answer, and says what.
 * One suite serves every engine.
 */
export interface Engine {
  readonly name: string;
  /**
   * Makes an address space, taking a pooled slot if there is one. Its memory is empty, but for `content`: what is copied whole need
   * not be wiped before. Throws RangeError if the host has no memory for it.
   */
  createSpace(handler: TrapHandler, options: SpaceOptions, content?: InitialContent): Space;
  stats(): EngineStats;
}

/** One address space as the engine sees it: its memory, and what was translated for it. */
export interface Space {
  readonly memory: GuestMemory;
  readonly options: SpaceOptions;
  /** Whether all code so far has looked at the page table before each access: what that does not allow was not touched. */
  readonly checksAccess: boolean;
  /**
   * Whether {@link run} answers EXIT.POLL by itself every few milliseconds, so that nobody need raise the poll word. It may
   * become false: then run answers EXIT.POLL at once, and from there on only when it is asked to.
   */
  readonly pollsItself: boolean;
  /**
   * Runs the hart in page 0 of {@link memory} until it must be left. `fuel` bounds the instructions under poll mode
   * `fuel`; under `flag` it is ignored, and the poll word ends the slice. It may answer EXIT.POLL unasked.
   */
  run(fuel: number): ExitReason;
  /** Tells of an object's text; its translations may be shared with other spaces and cached. */
  addObject(object: CodeObject): void;
  /** Forgets everything translated from these addresses; called after unmap, protection changes and fence.i. */
  invalidate(start: number, end: number): void;
  /** Goes on under other options: code made under the old ones is dropped. */
  reconfigure(options: SpaceOptions): void;
  /** Zeroes memory, `start` to `end`: some 20 times faster than a typed array does on shared memory. */
  fill(start: number, end: number): void;
  /** Copies memory; ranges may overlap. */
  copy(to: number, from: number, length: number): void;
  /** Copies memory, and zeroes so many bytes right before and behind the copy. All are multiples of 16; nothing overlaps. */
  place(to: number, from: number, length: number, before: number, behind: number): void;
  /**
   * The parts of a page-aligned range that hold anything but zeros, in whole pages. Without it the kernel takes the range
   * for used.
   */
  usedRuns?(start: number, end: number): Iterable<AddressRange>;
  /** Gives the slot back: memory is wiped and may be reused at once. */
  release(): void;
}

/** Compiles and instantiates WebAssembly; the host's `WebAssembly` object, which no lower layer may name. */
export interface CodeCompiler {
  /** Makes a shared memory. Sizes in 64 KB pages. */
  memory(
    initial: number,
    maximum: number,
  ): { readonly memory: unknown; readonly buffer: SharedArrayBuffer; grow(pages: number): number };
  /** Makes a table of functions. */
  table(size: number): CodeTable;
  /**
   * Compiles synchronously; throws if the module is malformed.
   *
   * @param temper - when the host is to optimise the module: late, sooner than that, hardly ever, or as it sees fit itself,
   *   which costs nothing to say.
   * @param name - of a module of Drupe's own, which the host may keep compiled for the next process.
   */
  compile(bytes: Uint8Array<ArrayBuffer>, temper?: "late" | "eager" | "patient" | "own", name?: string): unknown;
  instantiate(module: unknown, imports: CodeImports): CodeExports;
  /** The bytes of a module that was generated when Drupe was built; undefined if there are none of that name. */
  prebuilt?(name: string): Uint8Array<ArrayBuffer> | undefined;
  /** Whether f64x2.relaxed_madd exists and is fused on this processor. */
  readonly fusedMultiplyAdd: boolean;
  /** Milliseconds since some fixed instant. */
  now(): number;
  /** Milliseconds of processor time that the process has used, if the host can tell. */
  cpuMs?(): number;
  /** Whether an error is the host's report that its stack is exhausted, a wasm trap, or neither. */
  classify(error: unknown): "stack" | "trap" | "other";
}

export interface CodeTable {
  readonly handle: unknown;
  /** Adds slots, all with one function. */
  grow(count: number, fn: unknown): void;
  set(index: number, fn: unknown): void;
  get(index: number): unknown;
}

export type CodeImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
export type CodeExports = Readonly<Record<string, (...args: number[]) => number>>;

/** Where translations are kept from one run to the next, by code key. Values are opaque bytes. */
export interface TranslationStore {
  get(key: string): Uint8Array<ArrayBuffer> | undefined;
  put(key: string, value: Uint8Array): void;
}
