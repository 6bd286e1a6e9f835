/** signalfd4(2): signals that are read instead of handled (fs/signalfd.c). */
import { EAGAIN, EBADF, EINVAL, Errno, type Result } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { POLL_READABLE } from "../../abi/poll.ts";
import { type SigInfo, type SignalfdSiginfo, signalfdSiginfo } from "../../abi/riscv64/siginfo.ts";
import { SFD, SIG } from "../../abi/signal.ts";
import { SignalSet, sigset } from "../../abi/signal-set.ts";
import { structIn } from "../../kernel/struct-arg.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer, WaitQueue } from "../../kernel/wait.ts";
import { AnonymousFile, fileOf, installFd } from "../posix-fdtab/index.ts";
import { pendingSignals, signalArrivals, takePending } from "../posix-signal/index.ts";

const UNREADABLE = SignalSet.of(SIG.KILL, SIG.STOP);

/** Whoever reads takes signals of its own: those sent to it or to its process. */
class SignalFile extends AnonymousFile {
  override readonly readiness: WaitQueue;
  private readonly maker: Task;
  private mask: SignalSet;

  constructor(task: Task, flags: number, mask: SignalSet) {
    super(task.kernel, flags, "signalfd");
    this.maker = task;
    this.mask = mask;
    this.readiness = signalArrivals(task.kernel);
  }

  setMask(mask: SignalSet): void {
    this.mask = mask;
    this.readiness.wake();
  }

  /** As many signals as there are and as there is room for; at least one. */
  override read(task: Task, into: Uint8Array): Answer {
    const room = Math.floor(into.length / signalfdSiginfo.size);
    if (room === 0) return EINVAL;
    const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
    let taken = 0;
    for (; taken < room; taken++) {
      const info = takePending(task, this.mask);
      if (info === undefined) break;
      signalfdSiginfo.write(view, taken * signalfdSiginfo.size, describe(info));
    }
    return taken === 0 ? EAGAIN : taken * signalfdSiginfo.size;
  }

  override poll(): number {
    const { current } = this.maker.kernel;
    return pendingSignals(current ?? this.maker).intersection(this.mask).isEmpty ? 0 : POLL_READABLE;
  }
}

const NOTHING: SignalfdSiginfo = {
  signo: 0,
  errno: 0,
  code: 0,
  pid: 0,
  uid: 0,
  fd: 0,
  tid: 0,
  band: 0,
  overrun: 0,
  trapno: 0,
  status: 0,
  int: 0,
  ptr: 0n,
  utime: 0,
  stime: 0,
  addr: 0n,
  addrLsb: 0,
  pad2: 0,
  syscall: 0,
  callAddr: 0n,
  arch: 0,
  pad: new Array(28).fill(0),
};

/** The members that the kind of signal has (signalfd_copyinfo). */
function describe(info: SigInfo): SignalfdSiginfo {
  const known = { ...NOTHING, signo: info.signo, errno: info.errno ?? 0, code: info.code };
  switch (info.kind) {
    case "kill":
      return { ...known, pid: info.pid, uid: info.uid };
    case "queue":
      return { ...known, pid: info.pid, uid: info.uid, ...value(info.value) };
    case "timer":
      return { ...known, tid: info.timer, overrun: info.overrun, ...value(info.value) };
    case "child": {
      const { pid, uid, status, utime, stime } = info;
      return { ...known, pid, uid, status, utime, stime };
    }
    case "fault":
      return { ...known, addr: info.address, addrLsb: info.addressLsb ?? 0 };
    case "poll":
      return { ...known, band: info.band, fd: info.fd };
    case "sys":
      return { ...known, callAddr: info.callAddress, syscall: info.syscall, arch: info.arch };
  }
}

function value(bits: bigint): Pick<SignalfdSiginfo, "int" | "ptr"> {
  return { int: Number(BigInt.asIntN(32, bits)), ptr: bits };
}

export const signalfd4 = syscall({
  name: "signalfd4",
  args: [arg.i32, structIn(sigset, String), arg.u64, arg.flags(SFD, "SFD_")],
  support: "full",
  run(task, fd, maskAt, size, flags) {
    if (size !== sigset.size) return EINVAL;
    const wanted = task.mm.readStruct(maskAt, sigset);
    if (wanted instanceof Errno) return wanted;
    if ((flags & ~(SFD.CLOEXEC | SFD.NONBLOCK)) !== 0) return EINVAL;
    const mask = wanted.minus(UNREADABLE);
    if (fd === -1) return installFd(task.process, new SignalFile(task, flags & O.NONBLOCK, mask), flags & O.CLOEXEC);
    return change(task, fd, mask);
  },
});

function change(task: Task, fd: number, mask: SignalSet): Result<number> {
  const file = fileOf(task, fd);
  if (file instanceof Errno) return EBADF;
  if (!(file instanceof SignalFile)) return EINVAL;
  file.setMask(mask);
  return fd;
}
