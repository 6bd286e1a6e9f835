/**
 * The frame that a signal handler finds on its stack, and struct sigaction (asm/ucontext.h, asm/sigcontext.h, asm/ptrace.h of
 * riscv; linux/arch/riscv/kernel/signal.c, struct rt_sigframe).
 */
import { array, bits64, i32, type StructOf, struct, u8, u32 } from "../../base/struct.ts";
import { sigset } from "../signal-set.ts";
import { siginfo } from "./siginfo.ts";

/** stack_t. */
export const stackT = struct({ sp: bits64, flags: u32, size: bits64 });
export type StackT = StructOf<typeof stackT>;

/** struct sigaction as the kernel has it; riscv has no restorer. */
export const sigaction = struct({ handler: bits64, flags: bits64, mask: sigset });

/** struct __riscv_ctx_hdr: what kind of extension state follows, and its bytes. The list ends with magic and size 0. */
export const contextHeader = struct({ magic: u32, size: u32 });

export const END_MAGIC = 0;
export const END_HDR_SIZE = 0;

/**
 * struct sigcontext: pc, x1 to x31, then a union of the floating-point state (that of the D extension, 260 bytes) and struct
 * __riscv_extra_ext_header, whose last three words are `reserved` and the first header. The union has 16-byte alignment and
 * 528 bytes, those of the Q extension.
 */
export const sigcontext = struct({
  pc: bits64,
  x: array(bits64, 31),
  f: array(bits64, 32),
  fcsr: u32,
  unused: array(u32, 64),
  reserved: u32,
  header: contextHeader,
});
export type Sigcontext = StructOf<typeof sigcontext>;

/** struct ucontext. The mask leaves room for 1024 signals; uc_mcontext is aligned to 16 bytes. */
export const ucontext = struct({
  flags: bits64,
  link: bits64,
  stack: stackT,
  sigmask: sigset,
  unused: array(u8, 1024 / 8 - sigset.size),
  pad: array(i32, 2),
  mcontext: sigcontext,
});

/** struct rt_sigframe. */
export const rtSigframe = struct({ info: siginfo, uc: ucontext });
export type RtSigframe = StructOf<typeof rtSigframe>;
