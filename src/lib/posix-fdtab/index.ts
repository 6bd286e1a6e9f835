import { cloneFlag } from "../../kernel/clone-flag.ts";
import { onProcessStart } from "../../kernel/hooks.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { close, closeRange } from "./close.ts";
import { openStandardStreams } from "./console.ts";
import { dup, dup3 } from "./dup.ts";
import { fcntl } from "./fcntl.ts";
import { cloneFiles } from "./fd-table.ts";

/** Descriptors and open files; what can be done with them is others' affair. */
export const posixFdtab = defineLibrary({
  name: "posix-fdtab",
  summary: "file descriptors, dup(2), fcntl(2), and the standard streams",
  syscalls: [close, closeRange, dup, dup3, fcntl],
  extends: [onProcessStart.with(openStandardStreams), cloneFlag.with(cloneFiles)],
});

export { AnonymousFile, AnonymousInode } from "./anonymous.ts";
export type { AttributeChanges, Attributes } from "./attributes.ts";
export { ConsoleOutput, type StandardStreams, standardStreams } from "./console.ts";
export { type FcntlCommand, fcntlCommand, readinessSignals, setAsync } from "./fcntl.ts";
export { anyFileOf, closeFd, descriptorLimit, fdTable, fileOf, installFd, onDescriptorClosed } from "./fd-table.ts";
export { kernelMessages } from "./kernel-messages.ts";
export { type Dependent, OpenFile } from "./open-file.ts";
