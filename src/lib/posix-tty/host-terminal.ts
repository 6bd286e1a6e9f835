/** The terminal of a machine's host, as its first program finds it. */
import { Errno } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import type { Winsize } from "../../abi/termios.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { HostConsole, HostTerminal } from "../../kernel/host.ts";
import type { Process } from "../../kernel/process.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import { isBlocking } from "../../kernel/wait.ts";
import { ConsoleOutput, type StandardStreams } from "../posix-fdtab/index.ts";
import { fsContext, Walk } from "../vfs/index.ts";
import { takeTerminal } from "./job-control.ts";
import { hostLine } from "./line.ts";
import { Terminal } from "./terminal.ts";
import { TerminalFile } from "./terminal-file.ts";
import { addTerminal, freeNumber } from "./terminals.ts";

/** The terminal of a machine, if its host has one: made for the first program. */
const holder = perKernel<{ terminal: Terminal | undefined }>(() => ({ terminal: undefined }));

export function hostTerminal({ kernel }: Pick<Process, "kernel">): Terminal | undefined {
  return kernel.get(holder).terminal;
}

/** The terminal as a program finds it at 0, 1 and 2: one open file, as a login leaves it. */
export function terminalStreams(process: Process): StandardStreams | undefined {
  const { kernel } = process;
  const { console } = kernel.host;
  if (console.terminal === undefined) return undefined;
  const held = kernel.get(holder);
  held.terminal ??= makeTerminal(process, console, console.terminal);
  const { root } = process.get(fsContext);
  const place = new Walk(process, root, root, `/dev/pts/${held.terminal.number}` as ByteString).run();
  if (isBlocking(place) || place instanceof Errno) return undefined;
  const file = new TerminalFile(process, place, O.RDWR | O.LARGEFILE, held.terminal);
  const { stderr } = console;
  return { stdin: file, stdout: file, stderr: stderr.kind === "terminal" ? file : new ConsoleOutput(kernel, stderr) };
}

/** Makes the host's terminal control the session of a process. */
export function makeTerminal(process: Process, console: HostConsole, host: HostTerminal): Terminal {
  const { kernel } = process;
  const terminal = new Terminal(kernel, freeNumber(kernel), hostLine(console));
  terminal.winsize = sizeOf(host);
  addTerminal(terminal, { uid: 0 });
  takeTerminal(process, terminal);
  host.setRaw(true);
  host.onResize(() => terminal.resize(sizeOf(host)));
  console.stdin.onReadable(() => terminal.pump());
  console.stdout.onDrain(() => terminal.readiness.wake());
  // Keys that send signals count although nobody reads.
  terminal.pump();
  return terminal;
}

function sizeOf({ size: { rows, columns } }: HostTerminal): Winsize {
  return { rows, columns, xpixels: 0, ypixels: 0 };
}
