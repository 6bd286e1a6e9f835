import { defineLibrary } from "../../kernel/library.ts";
import { posixFdio } from "../posix-fdio/index.ts";
import { fcntlCommand, onDescriptorClosed, posixFdtab } from "../posix-fdtab/index.ts";
import { flock } from "./flock.ts";
import { recordLockCommands, releaseOnClose } from "./record-lock.ts";

export const posixLock = defineLibrary({
  name: "posix-lock",
  summary: "advisory locks: flock(2), and fcntl(2) record locks by process and by open file",
  needs: [posixFdtab, posixFdio],
  syscalls: [flock],
  extends: [
    ...recordLockCommands.map((command) => fcntlCommand.with(command)),
    onDescriptorClosed.with(releaseOnClose),
  ],
});
