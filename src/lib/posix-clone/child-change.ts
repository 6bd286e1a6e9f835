import type { SigInfo } from "../../abi/riscv64/siginfo.ts";
import { CLD, SIG } from "../../abi/signal.ts";
import { NSEC_PER_SEC, USER_HZ } from "../../abi/time.ts";
import type { ExitStatus, Process } from "../../kernel/process.ts";
import type { StateChange } from "../posix-signal/index.ts";
import { credentialsOf } from "../posix-user/index.ts";

/** What a parent can be told of a child. */
export type ChildChange = { readonly kind: "ended"; readonly status: ExitStatus } | StateChange;

type ChildInfo = Extract<SigInfo, { kind: "child" }>;

/** What SIGCHLD carries. All processor time counts as user time. */
export function childInfo(child: Process, change: ChildChange): ChildInfo {
  const { uid } = credentialsOf(child);
  const utime = Math.floor(child.cpuNs / (NSEC_PER_SEC / USER_HZ));
  const tell = (code: number, status: number): ChildInfo => {
    return { kind: "child", signo: SIG.CHLD, pid: child.pid, uid, utime, stime: 0, code, status };
  };
  switch (change.kind) {
    case "ended": {
      const { status } = change;
      if (status.kind === "exited") return tell(CLD.EXITED, status.code);
      return tell(status.core ? CLD.DUMPED : CLD.KILLED, status.signal);
    }
    case "stopped":
      return tell(CLD.STOPPED, change.signal);
    case "continued":
      return tell(CLD.CONTINUED, SIG.CONT);
  }
}
