/** msgctl(2). The order of checks is that of ksys_msgctl in Linux ipc/msg.c. */
import { CAP } from "../../abi/capability.ts";
import { EINVAL, EPERM, Errno, type Result } from "../../abi/errno.ts";
import { MSG_LIMIT, MSGCTL } from "../../abi/ipc.ts";
import { msginfo, msqidDs } from "../../abi/riscv64/ipc.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { hasCapability } from "../posix-user/index.ts";
import { commandArg } from "./ipc-args.ts";
import { changeOwner, checkControl, checkUse, describePerm, MAY, secondsNow, UNUSED } from "./ipc-object.ts";
import { queuedBytes } from "./message-queue.ts";
import { messageQueues } from "./msg-calls.ts";

export const msgctl = syscall({
  name: "msgctl",
  args: [arg.i32, commandArg(MSGCTL), arg.ptr()],
  support: "full",
  run(task, id, command, at) {
    if (id < 0 || command < 0) return EINVAL;
    switch (command) {
      case MSGCTL.IPC_INFO:
      case MSGCTL.MSG_INFO:
        return tellLimits(task, command, at);
      case MSGCTL.IPC_STAT:
      case MSGCTL.MSG_STAT:
      case MSGCTL.MSG_STAT_ANY:
        return describe(task, id, command, at);
      case MSGCTL.IPC_SET:
        return change(task, id, at);
      case MSGCTL.IPC_RMID:
        return remove(task, id);
      default:
        return EINVAL;
    }
  },
});

function tellLimits({ kernel, mm }: Task, command: number, at: GuestPtr): Result<number> {
  const queues = kernel.get(messageQueues);
  const used = command === MSGCTL.MSG_INFO;
  const written = mm.writeStruct(at as GuestPtr<never>, msginfo, {
    pool: used ? queues.size : MSG_LIMIT.POOL,
    map: used ? [...queues].reduce((sum, { length }) => sum + length, 0) : MSG_LIMIT.MNB,
    max: MSG_LIMIT.MAX,
    mnb: MSG_LIMIT.MNB,
    mni: MSG_LIMIT.MNI,
    ssz: MSG_LIMIT.SSZ,
    tql: used ? kernel.get(queuedBytes).total : MSG_LIMIT.MNB,
    seg: MSG_LIMIT.SEG,
  });
  return written === 0 ? queues.highestPlace : written;
}

function describe({ kernel, process, mm }: Task, id: number, command: number, at: GuestPtr): Result<number> {
  const queues = kernel.get(messageQueues);
  const queue = command === MSGCTL.IPC_STAT ? queues.find(id) : queues.at(id);
  if (queue instanceof Errno) return queue;
  const refused = command === MSGCTL.MSG_STAT_ANY ? undefined : checkUse(process, queue, MAY.READ);
  if (refused !== undefined) return refused;
  const written = mm.writeStruct(at as GuestPtr<never>, msqidDs, {
    perm: describePerm(queue),
    stime: queue.sentAt,
    rtime: queue.receivedAt,
    ctime: queue.changedAt,
    cbytes: queue.bytes,
    qnum: queue.length,
    qbytes: queue.capacity,
    lspid: queue.lastSender,
    lrpid: queue.lastReceiver,
    unused: UNUSED,
  });
  return written !== 0 || command === MSGCTL.IPC_STAT ? written : queue.id;
}

function change({ kernel, process, mm }: Task, id: number, at: GuestPtr): Result<number> {
  const wanted = mm.readStruct(at as GuestPtr<never>, msqidDs);
  if (wanted instanceof Errno) return wanted;
  const queue = kernel.get(messageQueues).find(id);
  if (queue instanceof Errno) return queue;
  const refused = checkControl(process, queue);
  if (refused !== undefined) return refused;
  if (wanted.qbytes > MSG_LIMIT.MNB && !hasCapability(process, CAP.SYS_RESOURCE)) return EPERM;
  const invalid = changeOwner(queue, wanted.perm);
  if (invalid !== undefined) return invalid;
  queue.capacity = wanted.qbytes;
  queue.changedAt = secondsNow(kernel);
  queue.reconsider();
  return 0;
}

function remove({ kernel, process }: Task, id: number): Result<number> {
  const queues = kernel.get(messageQueues);
  const queue = queues.find(id);
  if (queue instanceof Errno) return queue;
  const refused = checkControl(process, queue);
  if (refused !== undefined) return refused;
  queues.remove(queue);
  return 0;
}
