import { defineLibrary } from "../../kernel/library.ts";
import { posixFdtab } from "../posix-fdtab/index.ts";
import { posixSignal } from "../posix-signal/index.ts";
import { signalfd4 } from "./signalfd.ts";

export const posixSignalfd = defineLibrary({
  name: "posix-signalfd",
  summary: "signals that are read from a descriptor",
  needs: [posixFdtab, posixSignal],
  syscalls: [signalfd4],
});
