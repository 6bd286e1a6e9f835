/** membarrier(2) (Linux kernel/sched/membarrier.c). */
import { EINVAL, EPERM } from "../../abi/errno.ts";
import { MEMBARRIER_CMD as CMD } from "../../abi/mman.ts";
import { perAddressSpace } from "../../kernel/slot-kinds.ts";
import { arg, syscall } from "../../kernel/syscall.ts";

/** What each registration allows. */
const SUPPORTED =
  CMD.GLOBAL |
  CMD.GLOBAL_EXPEDITED |
  CMD.REGISTER_GLOBAL_EXPEDITED |
  CMD.PRIVATE_EXPEDITED |
  CMD.REGISTER_PRIVATE_EXPEDITED |
  CMD.GET_REGISTRATIONS;

const registrations = perAddressSpace<{ commands: number }>(() => ({ commands: 0 }));

/** Threads run one at a time, and each switch between them is a barrier for all: by the time of the call it has been. */
export const membarrier = syscall({
  name: "membarrier",
  args: [arg.name(CMD, "MEMBARRIER_CMD_"), arg.u32, arg.i32],
  support: { partial: "no SYNC_CORE, no RSEQ" },
  run(task, command, flags) {
    if (flags !== 0) return EINVAL;
    const registered = task.mm.get(registrations);
    switch (command) {
      case CMD.QUERY:
        return SUPPORTED;
      case CMD.GLOBAL:
      case CMD.GLOBAL_EXPEDITED:
        return 0;
      case CMD.PRIVATE_EXPEDITED:
        return (registered.commands & CMD.REGISTER_PRIVATE_EXPEDITED) === 0 ? EPERM : 0;
      case CMD.REGISTER_GLOBAL_EXPEDITED:
      case CMD.REGISTER_PRIVATE_EXPEDITED:
        registered.commands |= command;
        return 0;
      case CMD.GET_REGISTRATIONS:
        return registered.commands;
      default:
        return EINVAL;
    }
  },
});
