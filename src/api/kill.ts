import { SI, SIG } from "../abi/signal.ts";
import type { Pid, Uid } from "../abi/types.ts";
import type { Process } from "../kernel/process.ts";
import { postSignal } from "../lib/posix-signal/index.ts";
import { DrupeError } from "./error.ts";

/** Sends a signal from outside of the machine: from no process, as the kernel's own come. */
export function killFromOutside(process: Process, name: NodeJS.Signals): void {
  const signo = SIG[name.replace(/^SIG/, "") as keyof typeof SIG];
  if (signo === undefined) throw new DrupeError(`${name} is not a signal of Linux`, "Name one such as SIGTERM.");
  postSignal(process, { kind: "kill", signo, code: SI.USER, pid: 0 as Pid, uid: 0 as Uid });
}
