/**
 * The frame on the stack of a signal handler: what it gets told, and all registers, which it may change.
 * Follows setup_rt_frame() and restore_sigcontext() of Linux arch/riscv/kernel/signal.c.
 */
import { EFAULT, EINVAL, type Result } from "../../abi/errno.ts";
import {
  contextHeader,
  END_HDR_SIZE,
  END_MAGIC,
  rtSigframe,
  type StackT,
  sigcontext,
  stackT,
  ucontext,
} from "../../abi/riscv64/sigframe.ts";
import { type SigInfo, siginfo } from "../../abi/riscv64/siginfo.ts";
import { SA, SS } from "../../abi/signal.ts";
import { type SignalSet, sigset } from "../../abi/signal-set.ts";
import type { Task } from "../../kernel/task.ts";
import { HART } from "../../machine/hart.ts";
import { ACCESS, type GuestMemory } from "../../machine/memory.ts";
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

/** Where its parts lie, in bytes from its beginning. */
const FRAME = (() => {
  const uc = rtSigframe.offsets.uc;
  const mcontext = uc + ucontext.offsets.mcontext;
  return {
    info: rtSigframe.offsets.info,
    uc,
    stack: uc + ucontext.offsets.stack,
    mask: uc + ucontext.offsets.sigmask,
    behindMask: uc + ucontext.offsets.sigmask + sigset.size,
    pc: mcontext + sigcontext.offsets.pc,
    x: mcontext + sigcontext.offsets.x,
    f: mcontext + sigcontext.offsets.f,
    fcsr: mcontext + sigcontext.offsets.fcsr,
    reserved: mcontext + sigcontext.offsets.reserved,
    header: mcontext + sigcontext.offsets.header,
  };
})();

/** Puts the frame on the stack and the registers at the handler's first instruction; EFAULT if the stack takes no frame. */
export function enterHandler(task: Task, info: SigInfo, action: SigAction, mask: SignalSet): Result<0> {
  const signals = task.get(taskSignals);
  const at = frameAddress(task, action, signals.stack);
  if (at === undefined || !task.mm.allows(at, rtSigframe.size, ACCESS.WRITE)) return EFAULT;
  writeFrame(task.mm.memory, at, info, mask, stackReport(signals.stack, signals.stack.flags));
  task.setX(RA, BigInt(task.mm.regions.sigreturn));
  task.setX(SP, BigInt(at));
  task.setX(A0, BigInt(info.signo));
  task.setX(A1, BigInt(at + FRAME.info));
  task.setX(A2, BigInt(at + FRAME.uc));
  setPc(task, action.handler);
  if ((signals.stack.flags & SS.AUTODISARM) !== 0) signals.stack = { ...NO_STACK, flags: SS.DISABLE };
  return 0;
}

/** Writes the frame piece by piece: registers are moved as bytes, which is a tenth of the time of values. */
function writeFrame({ u8, u32, view }: GuestMemory, at: number, info: SigInfo, mask: SignalSet, stack: StackT): void {
  siginfo.write(view, at + FRAME.info, info);
  u32.fill(0, (at + FRAME.uc) / 4, (at + FRAME.stack) / 4);
  stackT.write(view, at + FRAME.stack, stack);
  sigset.write(view, at + FRAME.mask, mask);
  u32.fill(0, (at + FRAME.behindMask) / 4, (at + FRAME.pc) / 4);
  u8.copyWithin(at + FRAME.pc, HART.pc, HART.pc + 8);
  u8.copyWithin(at + FRAME.x, HART.x + 8, HART.x + 8 * REGISTERS);
  u8.copyWithin(at + FRAME.f, HART.f, HART.f + 8 * REGISTERS);
  u32[(at + FRAME.fcsr) / 4] = ((u32[HART.frm / 4]! & 7) << 5) | (u32[HART.fflags / 4]! & 0x1f);
  u32.fill(0, (at + FRAME.fcsr) / 4 + 1, (at + FRAME.header) / 4);
  contextHeader.write(view, at + FRAME.header, { magic: END_MAGIC, size: END_HDR_SIZE });
}

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

/** Takes back what a handler left in its frame: mask, registers and alternate stack. */
export function leaveHandler(task: Task): Result<0> {
  const at = Number(task.x(SP));
  if (at % 4 !== 0 || !task.mm.allows(at, rtSigframe.size, ACCESS.READ)) return EFAULT;
  const { u8, u32, view } = task.mm.memory;
  setSignalMask(task, sigset.read(view, at + FRAME.mask));
  u8.copyWithin(HART.x + 8, at + FRAME.x, at + FRAME.x + 8 * (REGISTERS - 1));
  u8.copyWithin(HART.f, at + FRAME.f, at + FRAME.f + 8 * REGISTERS);
  const fcsr = u32[(at + FRAME.fcsr) / 4]!;
  u32[HART.fflags / 4] = fcsr & 0x1f;
  u32[HART.frm / 4] = (fcsr >>> 5) & 7;
  setPc(task, view.getBigUint64(at + FRAME.pc, true));
  // The reserved word and the end of the list of further state must be as they were written.
  const { magic, size } = contextHeader.read(view, at + FRAME.header);
  if (u32[(at + FRAME.reserved) / 4] !== 0 || magic !== END_MAGIC || size !== END_HDR_SIZE) return EINVAL;
  // Whether the stack could be set is not looked at: the one before stays otherwise. (restore_altstack)
  changeStack(task, stackT.read(view, at + FRAME.stack));
  return 0;
}

/** Instructions lie at even addresses: the lowest bit is ignored, as mret and sret do with sepc. */
function setPc(task: Task, pc: bigint): void {
  task.mm.memory.i64[HART.pc / 8] = pc & ~1n;
}
