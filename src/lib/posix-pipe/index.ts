import { defineLibrary } from "../../kernel/library.ts";
import { fcntlCommand, posixFdtab } from "../posix-fdtab/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { pipeSizeCommands } from "./pipe-end.ts";
import { pipe2 } from "./pipe2.ts";

export const posixPipe = defineLibrary({
  name: "posix-pipe",
  summary: "pipes, and their size",
  needs: [posixFdtab, posixUser],
  syscalls: [pipe2],
  extends: pipeSizeCommands.map((command) => fcntlCommand.with(command)),
});

export { Pipe } from "./pipe.ts";
export { isPipeEnd, type PipeEnd, pipeIoctl, pollEnd } from "./pipe-end.ts";
export { makePipe } from "./pipe2.ts";
