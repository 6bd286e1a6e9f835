import { CAP } from "../../abi/capability.ts";
import { EINVAL, EPERM, type Result } from "../../abi/errno.ts";
import { NSIG, SIG } from "../../abi/signal.ts";
import type { Process } from "../../kernel/process.ts";
import { jobControlOf } from "../posix-process/index.ts";
import { credentialsOf, hasCapability } from "../posix-user/index.ts";

/** Whether a process may send a signal to another: check_kill_permission() of Linux kernel/signal.c. */
export function maySignal(sender: Process, target: Process, signo: number): Result<0> {
  if (signo < 0 || signo > NSIG) return EINVAL;
  if (sender === target || sharesUser(sender, target) || hasCapability(sender, CAP.KILL)) return 0;
  return signo === SIG.CONT && jobControlOf(sender).sid === jobControlOf(target).sid ? 0 : EPERM;
}

function sharesUser(sender: Process, target: Process): boolean {
  const { uid, euid } = credentialsOf(sender);
  const { uid: real, suid: saved } = credentialsOf(target);
  return [uid, euid].some((id) => id === real || id === saved);
}
