import { cloneFlag } from "../../kernel/clone-flag.ts";
import { beforeReturn, onFault, onTaskExit } from "../../kernel/hooks.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { posixProcess } from "../posix-process/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { sigaltstack } from "./alternate-stack.ts";
import { signalCloneFlags } from "./clone-flags.ts";
import { deliverSignals } from "./delivery.ts";
import { raiseFault } from "./fault.ts";
import { kill, tgkill, tkill } from "./kill.ts";
import { rtSigqueueinfo, rtTgsigqueueinfo } from "./queue.ts";
import { rtSigaction } from "./sigaction.ts";
import { rtSigpending, rtSigprocmask } from "./sigprocmask.ts";
import { restartSyscall, rtSigreturn } from "./sigreturn.ts";
import { rtSigsuspend } from "./sigsuspend.ts";
import { rtSigtimedwait } from "./sigtimedwait.ts";
import { passOn, signalMask } from "./task-signals.ts";

export { coreDumper } from "./delivery.ts";
export { actionOf, isIgnore, isSharingActions } from "./disposition.ts";
export { send as sendSignal, sendToGroup } from "./kill.ts";
export { maySignal } from "./permission.ts";
export { forceSignal, postSignal, type Sent, type SignalObserver, signalObserver } from "./post.ts";
export { formatInfo, siginfoIn, signoArg } from "./signal-args.ts";
export { takePending } from "./take.ts";
export {
  endTemporaryMask,
  hasDeliverableSignal,
  isStopped,
  onStateChange,
  pendingOf,
  pendingSignals,
  type StateChange,
  setSignalMask,
  setTemporaryMask,
  signalArrivals,
  signalMask,
} from "./task-signals.ts";

export const posixSignal = defineLibrary({
  name: "posix-signal",
  summary: "sending, blocking, waiting for and handling signals",
  needs: [posixUser, posixProcess],
  syscalls: [
    kill,
    tkill,
    tgkill,
    rtSigqueueinfo,
    rtTgsigqueueinfo,
    rtSigaction,
    rtSigprocmask,
    rtSigpending,
    rtSigsuspend,
    rtSigtimedwait,
    rtSigreturn,
    restartSyscall,
    sigaltstack,
  ],
  extends: [
    beforeReturn.with(deliverSignals),
    onFault.with(raiseFault),
    onTaskExit.with((task) => passOn(task, signalMask(task).complement())),
    ...signalCloneFlags.map((flag) => cloneFlag.with(flag)),
  ],
});
