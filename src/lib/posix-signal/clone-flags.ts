/** What clone(2) makes of handlers and alternate stacks (copy_sighand and copy_process of Linux kernel/fork.c). */
import { CLONE } from "../../abi/clone.ts";
import { type CloneFlag, hasFlag } from "../../kernel/clone-flag.ts";
import { clearHandlers, shareActions } from "./disposition.ts";
import { NO_STACK, taskSignals } from "./task-signals.ts";

export const signalCloneFlags: readonly CloneFlag[] = [
  {
    flag: CLONE.SIGHAND,
    apply(child, parent) {
      if (child.process !== parent.process) shareActions(child.process, parent.process);
      return 0;
    },
  },
  {
    flag: CLONE.CLEAR_SIGHAND,
    apply(child) {
      clearHandlers(child.process);
      return 0;
    },
  },
  {
    // Two threads must not run handlers on one stack; a vfork's parent sleeps meanwhile.
    flag: CLONE.VM,
    apply(child, _parent, { flags }) {
      if (!hasFlag(flags, CLONE.VFORK)) child.get(taskSignals).stack = NO_STACK;
      return 0;
    },
  },
];
