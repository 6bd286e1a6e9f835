import { ENXIO } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { makeDevice, S } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import { onProcessExit } from "../../kernel/hooks.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { deviceNode, fsDev } from "../fs-dev/index.ts";
import { fsRam } from "../fs-ram/index.ts";
import { posixFdtab, standardStreams } from "../posix-fdtab/index.ts";
import { onNewSession, posixProcess, terminalOf } from "../posix-process/index.ts";
import { posixSignal } from "../posix-signal/index.ts";
import { posixUser } from "../posix-user/index.ts";
import { bootMount, specialFile, vfs } from "../vfs/index.ts";
import { hostTerminal, terminalStreams } from "./host-terminal.ts";
import { controllingTerminal, disassociate, leaveTerminal } from "./job-control.ts";
import { openControlling, openNumber, openTerminal, PTS_MAJOR, ptsFileSystem } from "./terminals.ts";

export { jobControlIoctl } from "./job-control-ioctl.ts";
export type { TerminalLine } from "./line.ts";
export { Terminal } from "./terminal.ts";
export type { TerminalFile } from "./terminal-file.ts";
export { terminalIoctl } from "./terminal-ioctl.ts";
export { addTerminal, freeNumber, openNumber, removeTerminal, type TerminalPeer } from "./terminals.ts";

const TTY = makeDevice(5, 0);
const CONSOLE = makeDevice(5, 1);

export const posixTty = defineLibrary({
  name: "posix-tty",
  summary: "terminals and job control; the host's terminal, with line editing, signals and window size",
  needs: [posixFdtab, posixProcess, posixSignal, posixUser, vfs, fsRam, fsDev],
  extends: [
    standardStreams.with(terminalStreams),
    onNewSession.with(leaveTerminal),
    onProcessExit.with((process) => disassociate(process, true)),
    terminalOf.with((process) => {
      const terminal = controllingTerminal(process);
      return terminal && { device: makeDevice(PTS_MAJOR, terminal.number), foreground: terminal.foreground };
    }),
    bootMount.with({ target: "/dev/pts" as ByteString, make: ptsFileSystem }),
    deviceNode.with({ name: "tty", major: 5, minor: 0, mode: 0o666 }),
    deviceNode.with({ name: "console", major: 5, minor: 1, mode: 0o600 }),
    specialFile.with({ type: S.IFCHR, major: PTS_MAJOR, open: openTerminal }),
    specialFile.with({ type: S.IFCHR, rdev: TTY, open: openControlling }),
    specialFile.with({
      type: S.IFCHR,
      rdev: CONSOLE,
      open(task, at, flags) {
        const terminal = hostTerminal(task);
        return terminal === undefined ? ENXIO : openNumber(task, terminal.number, at, flags | O.NOCTTY);
      },
    }),
  ],
});
