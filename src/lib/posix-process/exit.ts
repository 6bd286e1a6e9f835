/** exit(2), exit_group(2) and set_tid_address(2). */
import type { GuestPtr } from "../../abi/types.ts";
import { perTask } from "../../kernel/slot-kinds.ts";
import { arg, syscall } from "../../kernel/syscall.ts";

export const exit = syscall({
  name: "exit",
  args: [arg.i32],
  support: "full",
  run(task, code) {
    task.kernel.exitTask(task, code & 0xff);
    return 0;
  },
});

export const exitGroup = syscall({
  name: "exit_group",
  args: [arg.i32],
  support: "full",
  run(task, code) {
    task.kernel.exitProcess(task.process, { kind: "exited", code: code & 0xff });
    return 0;
  },
});

/** The word that is cleared when the thread ends, for whoever joins it (CLONE_CHILD_CLEARTID); 0 is none. */
export const clearChildTid = perTask<{ address: GuestPtr<"tid"> }>({
  create: () => ({ address: 0 }),
  exec: () => ({ address: 0 }),
});

export const setTidAddress = syscall({
  name: "set_tid_address",
  args: [arg.ptr<"tid">()],
  support: "full",
  run(task, address) {
    task.get(clearChildTid).address = address;
    return task.tid;
  },
});
