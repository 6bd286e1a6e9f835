/**
 * The frame on the stack of a signal handler: what it gets told, and all registers, which it may change.
 * Follows setup_rt_frame() and restore_sigcontext() of Linux arch/riscv/kernel/signal.c.
 */
import { EFAULT, EINVAL, Errno, type Result } from "../../abi/errno.ts";
import { END_HDR_SIZE, END_MAGIC, rtSigframe, type Sigcontext } from "../../abi/riscv64/sigframe.ts";
import type { SigInfo } from "../../abi/riscv64/siginfo.ts";
import { SA, SS } from "../../abi/signal.ts";
import type { SignalSet } from "../../abi/signal-set.ts";
import type { Task } from "../../kernel/task.ts";
import { HART } from "../../machine/hart.ts";
import { changeStack, isOnStack, onStackFlag, stackReport } from "./alternate-stack.ts";
import type { SigAction } from "./disposition.ts";
import { type AlternateStack, NO_STACK, setSignalMask, taskSignals } from "./task-signals.ts";

const RA = 1;
const SP = 2;
const A0 = 10;
const A1 = 11;
const A2 = 12;
const REGISTERS = 32;
const FRAME_ALIGN = 16n;

/** Puts the frame on the stack and the registers at the handler's first instruction; EFAULT if the stack takes no frame. */
export function enterHandler(task: Task, info: SigInfo, action: SigAction, mask: SignalSet): Result<0> {
  const signals = task.get(taskSignals);
  const at = frameAddress(task, action, signals.stack);
  if (at === undefined) return EFAULT;
  const written = task.mm.writeStruct(at, rtSigframe, {
    info,
    uc: {
      flags: 0n,
      link: 0n,
      stack: stackReport(signals.stack, signals.stack.flags),
      sigmask: mask,
      unused: ZEROS,
      pad: [0, 0],
      mcontext: saveRegisters(task),
    },
  });
  if (written instanceof Errno) return written;
  task.setX(RA, BigInt(task.mm.regions.sigreturn));
  task.setX(SP, BigInt(at));
  task.setX(A0, BigInt(info.signo));
  task.setX(A1, BigInt(at + rtSigframe.offsets.info));
  task.setX(A2, BigInt(at + rtSigframe.offsets.uc));
  setPc(task, action.handler);
  if ((signals.stack.flags & SS.AUTODISARM) !== 0) signals.stack = { ...NO_STACK, flags: SS.DISABLE };
  return 0;
}

const ZEROS: readonly number[] = new Array(120).fill(0);
const ZERO_WORDS: readonly number[] = new Array(64).fill(0);

/** Where the frame goes (get_sigframe): the alternate stack if the action wants it and the task is not on it already. */
function frameAddress(task: Task, action: SigAction, stack: AlternateStack): number | undefined {
  const sp = task.x(SP);
  const size = BigInt(rtSigframe.size);
  // A handler on the alternate stack that would overflow it: better none than a frame over someone else's memory.
  if (isOnStack(stack, sp) && !isOnStack(stack, sp - size)) return undefined;
  const switches = (action.flags & SA.ONSTACK) !== 0 && onStackFlag(stack, sp) === 0;
  const top = switches ? stack.sp + stack.size : sp;
  return Number(BigInt.asUintN(64, top - size) & ~(FRAME_ALIGN - 1n));
}

function saveRegisters(task: Task): Sigcontext {
  const { i64, u32 } = task.mm.memory;
  const from = (offset: number, count: number): readonly bigint[] =>
    Array.from(i64.subarray(offset / 8, offset / 8 + count), (bits) => BigInt.asUintN(64, bits));
  return {
    pc: BigInt.asUintN(64, i64[HART.pc / 8]!),
    x: from(HART.x + 8, REGISTERS - 1),
    f: from(HART.f, REGISTERS),
    fcsr: ((u32[HART.frm / 4]! & 7) << 5) | (u32[HART.fflags / 4]! & 0x1f),
    unused: ZERO_WORDS,
    reserved: 0,
    header: { magic: END_MAGIC, size: END_HDR_SIZE },
  };
}

/** Takes back what a handler left in its frame: mask, registers and alternate stack. */
export function leaveHandler(task: Task): Result<0> {
  const frame = task.mm.readStruct(Number(task.x(SP)), rtSigframe);
  if (frame instanceof Errno) return frame;
  const { sigmask, mcontext, stack } = frame.uc;
  setSignalMask(task, sigmask);
  restoreRegisters(task, mcontext);
  // The reserved word and the end of the list of further state must be as they were written.
  if (mcontext.reserved !== 0) return EINVAL;
  if (mcontext.header.magic !== END_MAGIC || mcontext.header.size !== END_HDR_SIZE) return EINVAL;
  // Whether the stack could be set is not looked at: the one before stays otherwise. (restore_altstack)
  changeStack(task, stack);
  return 0;
}

function restoreRegisters(task: Task, { pc, x, f, fcsr }: Sigcontext): void {
  const { i64, u32 } = task.mm.memory;
  for (const [i, value] of x.entries()) i64[HART.x / 8 + 1 + i] = value;
  for (const [i, value] of f.entries()) i64[HART.f / 8 + i] = value;
  u32[HART.fflags / 4] = fcsr & 0x1f;
  u32[HART.frm / 4] = (fcsr >>> 5) & 7;
  setPc(task, pc);
}

/** Instructions lie at even addresses: the lowest bit is ignored, as mret and sret do with sepc. */
function setPc(task: Task, pc: bigint): void {
  task.mm.memory.i64[HART.pc / 8] = pc & ~1n;
}
