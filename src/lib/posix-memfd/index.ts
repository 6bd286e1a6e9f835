import { defineLibrary } from "../../kernel/library.ts";
import { fsRam } from "../fs-ram/index.ts";
import { fcntlCommand, posixFdtab } from "../posix-fdtab/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { vfs } from "../vfs/index.ts";
import { memfdCreate, sealCommands } from "./memfd.ts";

export const posixMemfd = defineLibrary({
  name: "posix-memfd",
  summary: "files in memory without a name, and their seals",
  needs: [posixFdtab, posixUser, vfs, fsRam],
  syscalls: [memfdCreate],
  extends: sealCommands.map((command) => fcntlCommand.with(command)),
});
