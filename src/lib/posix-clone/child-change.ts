import type { SigInfo } from "../../abi/riscv64/siginfo.ts";
import { CLD, SIG } from "../../abi/signal.ts";
import type { ExitStatus, Process } from "../../kernel/process.ts";
import type { StateChange } from "../posix-signal/index.ts";
import { credentialsOf } from "../posix-user/index.ts";

/** What a parent can be told of a child. */
export type ChildChange = { readonly kind: "ended"; readonly status: ExitStatus } | StateChange;

/** What SIGCHLD carries, and waitid answers. */
export function childInfo(child: Process, change: ChildChange): SigInfo {
  const { uid } = credentialsOf(child);
  const common = { kind: "child", signo: SIG.CHLD, pid: child.pid, uid, utime: 0, stime: 0 } as const;
  switch (change.kind) {
    case "ended": {
      const { status } = change;
      if (status.kind === "exited") return { ...common, code: CLD.EXITED, status: status.code };
      return { ...common, code: status.core ? CLD.DUMPED : CLD.KILLED, status: status.signal };
    }
    case "stopped":
      return { ...common, code: CLD.STOPPED, status: change.signal };
    case "continued":
      return { ...common, code: CLD.CONTINUED, status: SIG.CONT };
  }
}
