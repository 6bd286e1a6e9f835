import { defineLibrary } from "../../kernel/library.ts";
import { posixFdio } from "../posix-fdio/index.ts";
import { posixPipe } from "../posix-pipe/index.ts";
import { splice } from "./splice.ts";
import { tee } from "./tee.ts";
import { vmsplice } from "./vmsplice.ts";

export const posixSplice = defineLibrary({
  name: "posix-splice",
  summary: "moving bytes through pipes without a program's memory: splice, tee, vmsplice",
  needs: [posixFdio, posixPipe],
  syscalls: [splice, tee, vmsplice],
});
