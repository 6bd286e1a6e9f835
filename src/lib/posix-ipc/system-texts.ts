/** What /proc tells of System V IPC: limits, and lists of what there is (proc_sysvipc(5); ipc/util.c, sysvipc_proc_show). */
import { MSG_LIMIT, SEM_LIMIT, SHM_LIMIT } from "../../abi/ipc.ts";
import type { SystemText } from "../../kernel/hooks.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { IpcObject } from "./ipc-object.ts";
import { messageQueues } from "./msg-calls.ts";
import { segments } from "./segment.ts";
import { semaphoreSets } from "./semget.ts";

/** A column: its heading, how wide it is, and what stands there. */
type Column<T> = readonly [heading: string, width: number, value: (of: T) => number | string];

const KEY: Column<IpcObject> = ["key", 10, ({ key }) => key];
const PERMS: Column<IpcObject> = ["perms", 5, ({ mode }) => mode.toString(8)];
const OWNERS: readonly Column<IpcObject>[] = [
  ["uid", 5, ({ uid }) => uid],
  ["gid", 5, ({ gid }) => gid],
  ["cuid", 5, ({ cuid }) => cuid],
  ["cgid", 5, ({ cgid }) => cgid],
];

function table<T extends IpcObject>(columns: readonly Column<T>[], rows: Iterable<T>): string {
  const lines = [columns.map(([heading, width]) => heading.padStart(width))];
  for (const row of rows) lines.push(columns.map(([, width, value]) => `${value(row)}`.padStart(width)));
  return lines.map((cells) => `${cells.join(" ")}\n`).join("");
}

const shm = (kernel: Kernel): string =>
  table(
    [
      KEY,
      ["shmid", 10, ({ id }) => id],
      PERMS,
      ["size", 21, ({ length }) => length],
      ["cpid", 5, ({ makerPid }) => makerPid],
      ["lpid", 5, ({ lastPid }) => lastPid],
      // One blank more stands before it in Linux's lines, none in its heading.
      ["nattch", 6, ({ attachments }) => attachments],
      ...OWNERS,
      ["atime", 10, ({ attachedAt }) => attachedAt],
      ["dtime", 10, ({ detachedAt }) => detachedAt],
      ["ctime", 10, ({ changedAt }) => changedAt],
      ["rss", 21, ({ size }) => size],
      ["swap", 21, () => 0],
    ],
    kernel.get(segments),
  );

const sem = (kernel: Kernel): string =>
  table(
    [
      KEY,
      ["semid", 10, ({ id }) => id],
      PERMS,
      ["nsems", 10, ({ semaphores }) => semaphores.length],
      ...OWNERS,
      ["otime", 10, ({ operatedAt }) => operatedAt],
      ["ctime", 10, ({ changedAt }) => changedAt],
    ],
    kernel.get(semaphoreSets),
  );

const msg = (kernel: Kernel): string =>
  table(
    [
      KEY,
      ["msqid", 10, ({ id }) => id],
      PERMS,
      ["cbytes", 11, ({ bytes }) => bytes],
      ["qnum", 10, ({ length }) => length],
      ["lspid", 5, ({ lastSender }) => lastSender],
      ["lrpid", 5, ({ lastReceiver }) => lastReceiver],
      ...OWNERS,
      ["stime", 10, ({ sentAt }) => sentAt],
      ["rtime", 10, ({ receivedAt }) => receivedAt],
      ["ctime", 10, ({ changedAt }) => changedAt],
    ],
    kernel.get(messageQueues),
  );

const setting = (name: string, value: number | bigint | string): SystemText => ({
  path: `sys/kernel/${name}`,
  read: () => `${value}\n`,
});

export const systemTexts: readonly SystemText[] = [
  { path: "sysvipc/shm", read: shm },
  { path: "sysvipc/sem", read: sem },
  { path: "sysvipc/msg", read: msg },
  setting("shmmax", SHM_LIMIT.MAX),
  setting("shmall", SHM_LIMIT.ALL),
  setting("shmmni", SHM_LIMIT.MNI),
  setting("shm_rmid_forced", 0),
  setting("sem", [SEM_LIMIT.MSL, SEM_LIMIT.MNS, SEM_LIMIT.OPM, SEM_LIMIT.MNI].join("\t")),
  setting("msgmax", MSG_LIMIT.MAX),
  setting("msgmnb", MSG_LIMIT.MNB),
  setting("msgmni", MSG_LIMIT.MNI),
];
