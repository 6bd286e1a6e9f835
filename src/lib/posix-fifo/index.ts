import { S } from "../../abi/stat.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { posixPipe } from "../posix-pipe/index.ts";
import { specialFile, vfs } from "../vfs/index.ts";
import { openFifo } from "./fifo.ts";

export const posixFifo = defineLibrary({
  name: "posix-fifo",
  summary: "pipes with a name",
  needs: [vfs, posixPipe],
  extends: [specialFile.with({ type: S.IFIFO, open: openFifo })],
});
