/**
 * The register file of a hart at rest: a fixed place in page 0 of its guest's memory.
 *
 * Page 0 is never mapped for the guest; its registers, the words through which the engines and the kernel talk, and the
 * table of known code addresses live there. The kernel trusts nothing that it reads there beyond its type: a guest that runs
 * under the `flat` policy can write it.
 */

/** Byte offsets within guest memory. Each is naturally aligned. */
export const HART = {
  /** x0 to x31, 8 bytes each. The slot of x0 reads zero; the interpreter sends writes to x0 to `sink` instead. */
  x: 0x100,
  /** f0 to f31, 8 bytes each: raw bits, singles NaN-boxed. */
  f: 0x200,
  /** u64: address of the next instruction. Up to date whenever the engine is not running guest code. */
  pc: 0x300,
  /** u32: accrued floating-point exceptions, NV DZ OF UF NX from bit 4 down. */
  fflags: 0x308,
  /** u32: dynamic rounding mode, 0 to 7. */
  frm: 0x30c,
  /** u64: address held by LR, or all ones. */
  reserved: 0x310,
  /** u64: what LR loaded, sign-extended if it was a word. */
  reservedValue: 0x318,
  /** u32: lowest sp at which guest code may run without a poll. */
  stackLow: 0x320,
  /** u32: size of the range from `stackLow`; 0 asks for a poll at the next function entry. */
  stackSize: 0x324,
  /** u32: not 0 asks for a poll at the next back edge (poll mode `flag`). */
  poll: 0x328,
  /** i32: instructions left before a poll (poll mode `fuel`). */
  fuel: 0x32c,
  /** u32: why guest code was left; see EXIT. */
  exit: 0x330,
  /** u64: address of the refused access. */
  faultAddress: 0x338,
  /** u64: instructions retired in translated code, kept only when statistics are asked for. */
  retired: 0x340,
  /** u64: what reading the `cycle` and `time` counters answers; refreshed by the engine at each entry. */
  cycle: 0x348,
  time: 0x350,
  /** Operands, rounding mode and result of out-of-line floating point. */
  soft0: 0x358,
  soft1: 0x360,
  soft2: 0x368,
  softResult: 0x370,
  softRm: 0x378,
  /** u64: where the interpreter puts what is written to x0. */
  sink: 0x380,
  /** u32: what the interpreter does before an instruction that names accrued exceptions; see FLAG_WATCH in engine/interp. */
  flagWatch: 0x388,
  /** First byte behind the hart; the engines may use the rest of the kernel's pages, up to KERNEL_END. */
  end: 0x400,
} as const;

/** From {@link HART}.x on: x and f registers, pc, floating-point state and reservation, which each thread has its own of. */
export const HART_THREAD_BYTES = HART.stackLow - HART.x;

/** The first address that a guest can map (Linux's default vm.mmap_min_addr). Below it live hart and engine tables. */
export const KERNEL_END = 0x1_0000;

/** Why guest code was left: the value of the hart's `exit` word. */
export const EXIT = {
  /** A poll was asked for, or fuel ran out. pc is the next instruction. */
  POLL: 1,
  /** The trap handler asked to unwind after an ecall. pc is what the handler left. */
  SYSCALL: 2,
  /** A load was refused; pc is the faulting instruction, faultAddress its target. */
  LOAD_FAULT: 3,
  STORE_FAULT: 4,
  /** An instruction fetch was refused; pc is the refused address. */
  FETCH_FAULT: 5,
  /** An atomic access was misaligned. */
  MISALIGNED: 6,
  ILLEGAL: 7,
  BREAKPOINT: 8,
  /** A trap of the wasm machine under a policy that is not precise: pc is where the hart last entered translated code. */
  IMPRECISE_FAULT: 9,
  /** The host's stack was exhausted by guest calls. */
  STACK: 10,
} as const;

export type ExitReason = (typeof EXIT)[keyof typeof EXIT];
