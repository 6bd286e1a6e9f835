import { ENXIO, Errno, type Result } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { makeDevice, S } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import { defineLibrary } from "../../kernel/library.ts";
import type { Process } from "../../kernel/process.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import { isBlocking } from "../../kernel/wait.ts";
import { deviceNode, fsDev } from "../fs-dev/index.ts";
import { ConsoleOutput, posixFdtab, type StandardStreams, standardStreams } from "../posix-fdtab/index.ts";
import { jobControlOf, posixProcess } from "../posix-process/index.ts";
import { posixSignal } from "../posix-signal/index.ts";
import { fsContext, type Location, specialFile, vfs, Walk } from "../vfs/index.ts";
import { Terminal } from "./terminal.ts";
import { TerminalFile } from "./terminal-file.ts";

/** The terminal of a machine, if its host has one: made for the first program. */
const holder = perKernel<{ terminal: Terminal | undefined }>(() => ({ terminal: undefined }));

function terminalFor(process: Process): Terminal | undefined {
  const { kernel } = process;
  const { console } = kernel.host;
  const held = kernel.get(holder);
  if (held.terminal === undefined && console.terminal !== undefined) {
    held.terminal = new Terminal(kernel, console, console.terminal, jobControlOf(process));
  }
  return held.terminal;
}

/** The terminal as a program finds it at 0, 1 and 2: one open file, as a login leaves it. */
function terminalStreams(process: Process): StandardStreams | undefined {
  const terminal = terminalFor(process);
  if (terminal === undefined) return undefined;
  const { root } = process.get(fsContext);
  const place = new Walk(process, root, root, "/dev/pts/0" as ByteString).run();
  if (isBlocking(place) || place instanceof Errno) return undefined;
  const file = new TerminalFile(process, place, O.RDWR | O.LARGEFILE, terminal);
  const { stderr } = process.kernel.host.console;
  const separate = stderr.kind !== "terminal";
  return { stdin: file, stdout: file, stderr: separate ? ConsoleOutput.of(process.kernel, stderr) : file };
}

const PTS = makeDevice(136, 0);
const TTY = makeDevice(5, 0);
const CONSOLE = makeDevice(5, 1);

/** Opens the terminal by one of its names; /dev/tty only for a program of its session. */
function open(task: Task, location: Location, flags: number, controllingOnly: boolean): Result<TerminalFile> {
  const { terminal } = task.kernel.get(holder);
  if (terminal === undefined) return ENXIO;
  if (controllingOnly && jobControlOf(task.process).sid !== terminal.session) return ENXIO;
  return new TerminalFile(task.process, location, flags, terminal);
}

export const posixTty = defineLibrary({
  name: "posix-tty",
  summary: "the host's terminal, with line editing, signals and window size",
  needs: [posixFdtab, posixProcess, posixSignal, vfs, fsDev],
  extends: [
    standardStreams.with(terminalStreams),
    deviceNode.with({ name: "pts/0", major: 136, minor: 0, mode: 0o620 }),
    deviceNode.with({ name: "tty", major: 5, minor: 0, mode: 0o666 }),
    deviceNode.with({ name: "console", major: 5, minor: 1, mode: 0o600 }),
    specialFile.with({ type: S.IFCHR, rdev: PTS, open: (task, at, flags) => open(task, at, flags, false) }),
    specialFile.with({ type: S.IFCHR, rdev: TTY, open: (task, at, flags) => open(task, at, flags, true) }),
    specialFile.with({ type: S.IFCHR, rdev: CONSOLE, open: (task, at, flags) => open(task, at, flags, false) }),
  ],
});
