/** All terminals of a machine, and their names in /dev/pts. */
import { CAP } from "../../abi/capability.ts";
import { EBUSY, EIO, ENXIO, Errno, type Result } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { makeDevice, minorOf, S } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { RamFileSystem } from "../fs-ram/index.ts";
import { chain } from "../posix-fdio/chain.ts";
import { hasCapability } from "../posix-user/index.ts";
import type { Location } from "../vfs/index.ts";
import { controllingTerminal, takeByOpening } from "./job-control.ts";
import type { Terminal } from "./terminal.ts";
import { TerminalFile } from "./terminal-file.ts";

/** Major number of terminals below /dev/pts (UNIX98_PTY_SLAVE_MAJOR). */
export const PTS_MAJOR = 136;

/** The group that may write to a terminal: tty, as Debian numbers it. */
const TTY_GROUP = 5;

/** Somebody who must know when a terminal is opened and closed, and may refuse it: the master of a pseudo-terminal. */
export interface TerminalPeer {
  opening(): Result<0>;
  closed(): void;
}

interface Entry {
  readonly terminal: Terminal;
  readonly peer: TerminalPeer | undefined;
}

interface Terminals {
  readonly fs: RamFileSystem;
  readonly byNumber: Map<number, Entry>;
}

const terminals = perKernel<Terminals>((kernel) => ({
  fs: new RamFileSystem(kernel, { type: "devpts" }),
  byNumber: new Map(),
}));

export function ptsFileSystem(kernel: Kernel): RamFileSystem {
  return kernel.get(terminals).fs;
}

/** The lowest number that no terminal has. */
export function freeNumber(kernel: Kernel): number {
  const { byNumber } = kernel.get(terminals);
  let number = 0;
  while (byNumber.has(number)) number++;
  return number;
}

/** Gives a terminal its name. */
export function addTerminal(terminal: Terminal, owner: { uid: number }, peer?: TerminalPeer): void {
  const { fs, byNumber } = terminal.kernel.get(terminals);
  const rdev = makeDevice(PTS_MAJOR, terminal.number);
  byNumber.set(terminal.number, { terminal, peer });
  fs.root.make(nameOf(terminal), { mode: S.IFCHR | 0o620, rdev, uid: owner.uid, gid: TTY_GROUP });
}

export function removeTerminal(terminal: Terminal): void {
  const { fs, byNumber } = terminal.kernel.get(terminals);
  byNumber.delete(terminal.number);
  fs.root.unlink(nameOf(terminal));
}

const nameOf = ({ number }: Terminal): ByteString => `${number}` as ByteString;

/** Opens a terminal by its device. */
export function openTerminal(task: Task, location: Location, flags: number): Answer<TerminalFile> {
  return chain(location.dentry.inode.attributes(), ({ rdev }) => openNumber(task, minorOf(rdev), location, flags));
}

/** Opens the terminal that controls the caller: /dev/tty. It is not taken anew. */
export function openControlling(task: Task, location: Location, flags: number): Result<TerminalFile> {
  const terminal = controllingTerminal(task.process);
  return terminal === undefined ? ENXIO : openNumber(task, terminal.number, location, flags | O.NOCTTY);
}

export function openNumber(task: Task, number: number, location: Location, flags: number): Result<TerminalFile> {
  const { process, kernel } = task;
  const entry = kernel.get(terminals).byNumber.get(number);
  if (entry === undefined) return ENXIO;
  const { terminal, peer } = entry;
  if (terminal.hungUp) return EIO;
  const refused = peer?.opening() ?? 0;
  if (refused instanceof Errno) return refused;
  const file = new TerminalFile(process, location, flags, terminal, () => peer?.closed());
  if (terminal.exclusive && !hasCapability(process, CAP.SYS_ADMIN)) {
    file.hold().drop();
    return EBUSY;
  }
  if (!(flags & O.NOCTTY) && file.readable) takeByOpening(process, terminal);
  return file;
}
