import { cloneFlag } from "../../kernel/clone-flag.ts";
import { onProcessExit, systemText } from "../../kernel/hooks.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { posixMm } from "../posix-mm/index.ts";
import { posixProcess } from "../posix-process/index.ts";
import { posixTime } from "../posix-time/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { msgget, msgrcv, msgsnd } from "./msg-calls.ts";
import { msgctl } from "./msgctl.ts";
import { semctl } from "./semctl.ts";
import { semget } from "./semget.ts";
import { semop, semtimedop } from "./semop.ts";
import { detachAll, shmat, shmdt, shmget } from "./shm-calls.ts";
import { shmctl } from "./shmctl.ts";
import { systemTexts } from "./system-texts.ts";
import { cloneUndo } from "./undo.ts";

export const posixIpc = defineLibrary({
  name: "posix-ipc",
  summary: "System V shared memory, semaphores and message queues",
  needs: [posixUser, posixProcess, posixTime, posixMm],
  syscalls: [shmget, shmat, shmdt, shmctl, semget, semop, semtimedop, semctl, msgget, msgsnd, msgrcv, msgctl],
  extends: [
    cloneFlag.with(cloneUndo),
    onProcessExit.with(detachAll),
    ...systemTexts.map((text) => systemText.with(text)),
  ],
});
