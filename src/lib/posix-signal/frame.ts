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
  sigcontext,
  stackT,
  ucontext,
} from "../../abi/riscv64/sigframe.ts";
import { fillInSiginfo, type SigInfo } from "../../abi/riscv64/siginfo.ts";
import { SA, SS } from "../../abi/signal.ts";
import { type SignalSet, sigset } from "../../abi/signal-set.ts";
import type { AddressSpace } from "../../kernel/mm/address-space.ts";
import type { Task } from "../../kernel/task.ts";
import { HART } from "../../machine/hart.ts";
import { ACCESS, type GuestMemory } from "../../machine/memory.ts";
import { changeStack, isOnStack, onStackFlag, stackReport } from "./alternate-stack.ts";
import type { SigAction } from "./disposition.ts";
import {
  type AlternateStack,
  maskToSave,
  NO_STACK,
  setSignalMask,
  type TaskSignals,
  taskSignals,
} from "./task-signals.ts";

const RA = 1;
const SP = 2;
const A0 = 10;
const A1 = 11;
const A2 = 12;
const FRAME_ALIGN = 16;

/** Where its parts lie, in bytes from its beginning. */
const FRAME = (() => {
  const uc = rtSigframe.offsets.uc;
  const mcontext = uc + ucontext.offsets.mcontext;
  return {
    info: rtSigframe.offsets.info,
    uc,
    stack: uc + ucontext.offsets.stack,
    mask: uc + ucontext.offsets.sigmask,
    pc: mcontext + sigcontext.offsets.pc,
    x: mcontext + sigcontext.offsets.x,
    fcsr: mcontext + sigcontext.offsets.fcsr,
    reserved: mcontext + sigcontext.offsets.reserved,
    header: mcontext + sigcontext.offsets.header,
  };
})();

/** x1 to x31 and f0 to f31 lie one behind the other, in the frame as in the hart, where pc has the place of x0. */
const REGISTERS = { start: HART.x, bytes: HART.pc - HART.x } as const;
const BEHIND = rtSigframe.size - FRAME.pc - REGISTERS.bytes;

/** Puts the frame on the stack and the registers at the handler's first instruction; EFAULT if the stack takes no frame. */
export function enterHandler(task: Task, info: SigInfo, action: SigAction, signals: TaskSignals): Result<0> {
  const at = frameAddress(task, action, signals.stack);
  if (at === undefined || !task.mm.allows(at, rtSigframe.size, ACCESS.WRITE)) return EFAULT;
  writeFrame(task.mm, at, info, maskToSave(signals), signals.stack);
  const { memory, regions } = task.mm;
  setWord(memory, RA, regions.sigreturn);
  setWord(memory, SP, at);
  setWord(memory, A0, info.signo);
  setWord(memory, A1, at + FRAME.info);
  setWord(memory, A2, at + FRAME.uc);
  memory.i64[HART.pc / 8] = action.handler;
  alignPc(memory);
  if ((signals.stack.flags & SS.AUTODISARM) !== 0) signals.stack = { ...NO_STACK, flags: SS.DISABLE };
  return 0;
}

/** Sets an integer register to a number that has no high word. */
function setWord({ u32 }: GuestMemory, register: number, value: number): void {
  u32[HART.x / 4 + 2 * register] = value;
  u32[HART.x / 4 + 2 * register + 1] = 0;
}

/** Writes what is not zero; registers are moved together. */
function writeFrame(
  { memory, space }: AddressSpace,
  at: number,
  info: SigInfo,
  mask: SignalSet,
  stack: AlternateStack,
): void {
  const { u32, view } = memory;
  space.place(at + FRAME.pc, REGISTERS.start, REGISTERS.bytes, FRAME.pc, BEHIND);
  fillInSiginfo(view, at + FRAME.info, info);
  if (stack.isNone) u32[(at + FRAME.stack + stackT.offsets.flags) / 4] = stack.flags;
  else stackT.write(view, at + FRAME.stack, stackReport(stack, stack.flags));
  sigset.write(view, at + FRAME.mask, mask);
  u32[(at + FRAME.pc) / 4] = u32[HART.pc / 4]!;
  u32[(at + FRAME.pc) / 4 + 1] = u32[HART.pc / 4 + 1]!;
  u32[(at + FRAME.fcsr) / 4] = ((u32[HART.frm / 4]! & 7) << 5) | (u32[HART.fflags / 4]! & 0x1f);
}

/** Where the frame goes (get_sigframe): the alternate stack if the action wants it and the task is not on it already. */
function frameAddress(task: Task, action: SigAction, stack: AlternateStack): number | undefined {
  const { u32 } = task.mm.memory;
  const [low, high] = [HART.x / 4 + 2 * SP, HART.x / 4 + 2 * SP + 1];
  if (!stack.isNone) {
    const top = topOfStack(task.x(SP), action, stack);
    return top && Math.floor((top - rtSigframe.size) / FRAME_ALIGN) * FRAME_ALIGN;
  }
  // There is no memory beyond, nor where this wraps to.
  return u32[high] === 0 ? ((u32[low]! - rtSigframe.size) & -FRAME_ALIGN) >>> 0 : undefined;
}

/** Which of two stacks the frame goes on: where one is set up besides that of `sp`. */
function topOfStack(sp: bigint, action: SigAction, stack: AlternateStack): number | undefined {
  // A handler on the alternate stack that would overflow it: better none than a frame over someone else's memory.
  if (isOnStack(stack, sp) && !isOnStack(stack, sp - BigInt(rtSigframe.size))) return undefined;
  const switches = (action.flags & SA.ONSTACK) !== 0 && onStackFlag(stack, sp) === 0;
  return Number(BigInt.asUintN(64, switches ? stack.sp + stack.size : sp));
}

/** Takes back what a handler left in its frame: mask, registers and alternate stack. */
export function leaveHandler(task: Task): Result<0> {
  const at = task.xNumber(SP);
  if (at % 4 !== 0 || !task.mm.allows(at, rtSigframe.size, ACCESS.READ)) return EFAULT;
  const { memory, space } = task.mm;
  const { u32, view } = memory;
  const signals = task.get(taskSignals);
  setSignalMask(task, sigset.read(view, at + FRAME.mask), signals);
  space.copy(REGISTERS.start + 8, at + FRAME.x, REGISTERS.bytes - 8);
  const fcsr = u32[(at + FRAME.fcsr) / 4]!;
  u32[HART.fflags / 4] = fcsr & 0x1f;
  u32[HART.frm / 4] = (fcsr >>> 5) & 7;
  u32[HART.pc / 4] = u32[(at + FRAME.pc) / 4]!;
  u32[HART.pc / 4 + 1] = u32[(at + FRAME.pc) / 4 + 1]!;
  alignPc(memory);
  // The reserved word and the end of the list of further state must be as they were written.
  if (u32[(at + FRAME.reserved) / 4] !== 0 || !endsAt(u32, at + FRAME.header)) return EINVAL;
  // Whether the stack could be set is not looked at: the one before stays otherwise. (restore_altstack)
  if (!isUnchanged(u32, at + FRAME.stack, signals.stack)) changeStack(task, stackT.read(view, at + FRAME.stack));
  return 0;
}

function endsAt(u32: GuestMemory["u32"], at: number): boolean {
  const { magic, size } = contextHeader.offsets;
  return u32[(at + magic) / 4] === END_MAGIC && u32[(at + size) / 4] === END_HDR_SIZE;
}

/** Whether no alternate stack is set up, and the frame says so too. */
function isUnchanged(u32: GuestMemory["u32"], at: number, stack: AlternateStack): boolean {
  if (!stack.isNone) return false;
  const [sp, size] = [(at + stackT.offsets.sp) / 4, (at + stackT.offsets.size) / 4];
  const isNone = (u32[sp]! | u32[sp + 1]! | u32[size]! | u32[size + 1]!) === 0;
  return isNone && u32[(at + stackT.offsets.flags) / 4] === stack.flags >>> 0;
}

/** Instructions lie at even addresses: the lowest bit is ignored, as mret and sret do with sepc. */
function alignPc({ u32 }: GuestMemory): void {
  u32[HART.pc / 4]! &= ~1;
}
