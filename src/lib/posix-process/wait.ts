/** wait4(2) and waitid(2) (Linux kernel/exit.c). */
import { EBADF, ECHILD, EINVAL, ESRCH } from "../../abi/errno.ts";
import { rusage } from "../../abi/riscv64/resource.ts";
import { P, W } from "../../abi/wait.ts";
import { structOut } from "../../kernel/struct-arg.ts";
import { arg, formatFlags, syscall } from "../../kernel/syscall.ts";
import { formatRusage } from "./usage.ts";

const { NOHANG, UNTRACED, CONTINUED, EXITED, STOPPED, NOWAIT, NOTHREAD, ALL, CLONE } = W;
const KINDS = (NOTHREAD | ALL | CLONE) >>> 0;
const WAIT4_OPTIONS = (NOHANG | UNTRACED | CONTINUED | KINDS) >>> 0;
const WAITID_OPTIONS = (NOHANG | NOWAIT | EXITED | STOPPED | CONTINUED | KINDS) >>> 0;
const ONLY_CHILDLESS = { partial: "no process has children: clone is not provided" } as const;

const wait4Options = {
  decode: (low: number) => low,
  format: (v: number) => (v === 0 ? "0" : formatFlags(v, { NOHANG, UNTRACED, CONTINUED }, "W")),
};
const waitidOptions = {
  decode: (low: number) => low,
  format: (v: number) => formatFlags(v, { NOHANG, STOPPED, EXITED, CONTINUED, NOWAIT }, "W"),
};

export const wait4 = syscall({
  name: "wait4",
  args: [arg.i32, arg.ptr<"status">(), wait4Options, structOut(rusage, formatRusage)],
  support: ONLY_CHILDLESS,
  run(_task, pid, _status, options) {
    if ((options & ~WAIT4_OPTIONS) !== 0) return EINVAL;
    return pid === -0x8000_0000 ? ESRCH : ECHILD;
  },
});

export const waitid = syscall({
  name: "waitid",
  args: [arg.name(P, "P_"), arg.i32, arg.ptr<"siginfo_t">(), waitidOptions, structOut(rusage, formatRusage)],
  support: ONLY_CHILDLESS,
  run(_task, which, id, _info, options) {
    if ((options & ~WAITID_OPTIONS) !== 0) return EINVAL;
    if ((options & (EXITED | STOPPED | CONTINUED)) === 0) return EINVAL;
    switch (which) {
      case P.ALL:
        return ECHILD;
      case P.PID:
        return id <= 0 ? EINVAL : ECHILD;
      case P.PGID:
        return id < 0 ? EINVAL : ECHILD;
      case P.PIDFD:
        // pidfd_open is not provided either: no descriptor is one.
        return id < 0 ? EINVAL : EBADF;
      default:
        return EINVAL;
    }
  },
});
