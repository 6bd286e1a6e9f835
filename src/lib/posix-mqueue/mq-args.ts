/** How calls on message queues take and print their arguments. */
import { EBADF, Errno, type Result } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { type MqAttr, mqAttr } from "../../abi/riscv64/mqueue.ts";
import { formatFields, structIn, structOut } from "../../kernel/struct-arg.ts";
import { formatFlags } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { fileOf } from "../posix-fdtab/index.ts";
import { QueueFile } from "./queue-file.ts";

function formatAttr({ flags, maxMessages, messageSize, messages }: MqAttr): string {
  const shown = flags === 0 ? 0 : formatFlags(flags, { NONBLOCK: O.NONBLOCK }, "O_");
  return formatFields({ mq_flags: shown, mq_maxmsg: maxMessages, mq_msgsize: messageSize, mq_curmsgs: messages });
}

export const mqAttrIn = structIn(mqAttr, formatAttr);
export const mqAttrOut = structOut(mqAttr, formatAttr);

/** The queue's file of a descriptor; EBADF for files of any other kind. */
export function queueFileOf(task: Task, fd: number): Result<QueueFile> {
  const file = fileOf(task, fd);
  if (file instanceof Errno) return file;
  return file instanceof QueueFile ? file : EBADF;
}
