import { MQ_LIMIT } from "../../abi/mqueue.ts";
import type { ByteString } from "../../base/bytes.ts";
import { systemText } from "../../kernel/hooks.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { fsRam } from "../fs-ram/index.ts";
import { onDescriptorClosed, posixFdtab } from "../posix-fdtab/index.ts";
import { posixProcess } from "../posix-process/index.ts";
import { posixSched } from "../posix-sched/index.ts";
import { posixSignal } from "../posix-signal/index.ts";
import { posixTime } from "../posix-time/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { bootMount, vfs } from "../vfs/index.ts";
import { mqGetsetattr, mqNotify } from "./mq-control.ts";
import { mqOpen, mqUnlink } from "./mq-open.ts";
import { mqTimedreceive, mqTimedsend } from "./mq-transfer.ts";
import { QueueFile } from "./queue-file.ts";
import { queueMount } from "./queue-fs.ts";

const setting = (name: string, value: number) => ({ path: `sys/fs/mqueue/${name}`, read: () => `${value}\n` });

const settings = [
  setting("msg_default", MQ_LIMIT.MESSAGES),
  setting("msg_max", MQ_LIMIT.MESSAGES),
  setting("msgsize_default", MQ_LIMIT.MESSAGE_SIZE),
  setting("msgsize_max", MQ_LIMIT.MESSAGE_SIZE),
  setting("queues_max", MQ_LIMIT.QUEUES),
];

export const posixMqueue = defineLibrary({
  name: "posix-mqueue",
  summary: "POSIX message queues: mq_overview(7)",
  needs: [vfs, fsRam, posixFdtab, posixUser, posixProcess, posixSignal, posixSched, posixTime],
  syscalls: [mqOpen, mqUnlink, mqTimedsend, mqTimedreceive, mqNotify, mqGetsetattr],
  extends: [
    bootMount.with({ target: "/dev/mqueue" as ByteString, make: (kernel) => kernel.get(queueMount).fs }),
    onDescriptorClosed.with((process, file) => {
      if (file instanceof QueueFile) file.closedBy(process);
    }),
    ...settings.map((text) => systemText.with(text)),
  ],
});
