/** How system calls on signals take and print their arguments. */
import { EINVAL, type Result } from "../../abi/errno.ts";
import { type SigInfo, siginfo } from "../../abi/riscv64/siginfo.ts";
import { SI, signalName } from "../../abi/signal.ts";
import { type SignalSet, sigset } from "../../abi/signal-set.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { formatFields, structIn, structOut } from "../../kernel/struct-arg.ts";
import { type Arg, arg } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { formatCode } from "./format-code.ts";

/** A signal number, which may be none at all. */
export const signoArg: Arg<number> = { decode: arg.i32.decode, format: signalName };

export const sigsetIn = structIn(sigset, String);
export const sigsetOut = structOut(sigset, String);

/** size_t sigsetsize: the kernel's sets have 8 bytes, and it takes no others. */
export const sizeArg: Arg<number> = arg.u64;
export const SIGSET_SIZE = sigset.size;

export const siginfoIn = structIn(siginfo, formatInfo);
export const siginfoOut = structOut(siginfo, formatInfo);

/** Reads a set whose size the program states. */
export function readMask(task: Task, at: GuestPtr<SignalSet>, size: number): Result<SignalSet> {
  return size === SIGSET_SIZE ? task.mm.readStruct(at, sigset) : EINVAL;
}

/** Prints what came with a signal, as strace does. */
export function formatInfo(info: SigInfo): string {
  const head = { si_signo: signalName(info.signo), si_code: formatCode(info.signo, info.code) };
  switch (info.kind) {
    case "kill":
      // What the kernel sends comes from nobody.
      return formatFields(info.code === SI.KERNEL ? head : { ...head, si_pid: info.pid, si_uid: info.uid });
    case "queue":
      return formatFields({ ...head, si_pid: info.pid, si_uid: info.uid, ...formatValue(info.value) });
    case "timer":
      return formatFields({ ...head, si_timerid: info.timer, si_overrun: info.overrun, ...formatValue(info.value) });
    case "child":
      return formatFields({
        ...head,
        si_pid: info.pid,
        si_uid: info.uid,
        si_status: info.status,
        si_utime: info.utime,
        si_stime: info.stime,
      });
    case "fault":
      return formatFields({ ...head, si_addr: info.address === 0n ? "NULL" : `0x${info.address.toString(16)}` });
    case "poll":
      return formatFields({ ...head, si_band: info.band, si_fd: info.fd });
    case "sys":
      return formatFields({ ...head, si_call_addr: `0x${info.callAddress.toString(16)}`, si_syscall: info.syscall });
  }
}

function formatValue(value: bigint): Readonly<Record<string, string | number>> {
  const pointer = value === 0n ? "NULL" : `0x${value.toString(16)}`;
  return { si_int: Number(BigInt.asIntN(32, value)), si_ptr: pointer };
}
