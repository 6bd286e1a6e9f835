/** shmget(2), shmat(2) and shmdt(2). The order of checks is that of Linux ipc/shm.c. */
import { EAGAIN, EINVAL, ENOMEM, Errno, type Result } from "../../abi/errno.ts";
import { SHM, SHM_LIMIT, SHM_MAKE } from "../../abi/ipc.ts";
import { PROT } from "../../abi/mman.ts";
import type { Process } from "../../kernel/process.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { PAGE_SIZE } from "../../machine/memory.ts";
import { addressArg, lengthArg, mayLockMore } from "../posix-mm/index.ts";
import { keyArg, makeFlagsArg } from "./ipc-args.ts";
import { checkUse, MAY } from "./ipc-object.ts";
import { Segment, segments } from "./segment.ts";

export const shmget = syscall({
  name: "shmget",
  args: [keyArg, lengthArg, makeFlagsArg(SHM_MAKE, "SHM_")],
  support: { partial: "no huge pages" },
  run: (task, key, length, flags) =>
    task.kernel.get(segments).get(task.process, {
      key,
      flags,
      limit: SHM_LIMIT.MNI,
      make: () => makeSegment(task, key, flags, length),
      check: (found) => (length > found.length ? EINVAL : undefined),
    }),
});

/** newseg: as much as the machine's memory may be in segments. */
function makeSegment({ kernel, process }: Task, key: number, flags: number, length: number): Result<Segment> {
  if (length < SHM_LIMIT.MIN || length > Number(SHM_LIMIT.MAX)) return EINVAL;
  if ((flags & SHM_MAKE.HUGETLB) !== 0) return EINVAL;
  const used = [...kernel.get(segments)].reduce((sum, { size }) => sum + size, 0);
  return used + length > kernel.limits.memoryBytes ? ENOMEM : new Segment(process, key, flags, length);
}

/** Where and how shmat(2) shows a segment. */
interface Attachment {
  /** 0 for any place. */
  readonly address: number;
  readonly prot: number;
  readonly wanted: number;
}

export const shmat = syscall({
  name: "shmat",
  args: [arg.i32, addressArg, arg.flags(SHM, "SHM_")],
  support: "full",
  result: "hex",
  run(task, id, at, flags) {
    const attachment = id < 0 ? EINVAL : parse(at, flags);
    if (attachment instanceof Errno) return attachment;
    const segment = task.kernel.get(segments).find(id);
    if (segment instanceof Errno) return segment;
    const refused = checkUse(task.process, segment, attachment.wanted);
    if (refused !== undefined) return refused;
    const { address } = attachment;
    const replaces = (flags & SHM.REMAP) !== 0;
    if (address !== 0 && !replaces && isUsed(task, address, segment.size)) return EINVAL;
    return attach(task, segment, attachment, (flags & SHM.RND) !== 0);
  },
});

/** What address and flags mean; EINVAL if that is nothing. Segments begin at pages: SHMLBA is one. */
function parse(at: number, flags: number): Result<Attachment> {
  const rest = at % PAGE_SIZE;
  if (rest !== 0 && (flags & SHM.RND) === 0) return EINVAL;
  const address = at - rest;
  if (address === 0 && (flags & SHM.REMAP) !== 0) return EINVAL;
  const writes = (flags & SHM.RDONLY) === 0;
  const executes = (flags & SHM.EXEC) !== 0;
  return {
    address,
    prot: PROT.READ | (writes ? PROT.WRITE : 0) | (executes ? PROT.EXEC : 0),
    wanted: MAY.READ | (writes ? MAY.WRITE : 0) | (executes ? MAY.EXEC : 0),
  };
}

function isUsed({ mm }: Task, address: number, length: number): boolean {
  for (const { start, end } of mm.areas()) if (start < address + length && end > address) return true;
  return false;
}

function attach(task: Task, segment: Segment, { address, prot }: Attachment, rounded: boolean): Result<number> {
  const { mm } = task;
  const locked = mm.locksFuture;
  const mapped = mm.map({
    address,
    length: segment.length,
    prot,
    // An address that was rounded down to nothing is meant.
    kind: address !== 0 || rounded ? "fixed" : "hint",
    backing: { file: segment, offset: 0 },
    shared: true,
    readOnly: (prot & PROT.WRITE) === 0,
    locked,
    check: () => (locked && !mayLockMore(task, segment.size) ? EAGAIN : undefined),
  });
  if (!(mapped instanceof Errno)) segment.hold();
  return mapped;
}

export const shmdt = syscall({
  name: "shmdt",
  args: [addressArg],
  support: "full",
  run({ mm, process }, address) {
    if (address % PAGE_SIZE !== 0) return EINVAL;
    const areas = [...mm.areas()].filter(({ start, offset }) => start - address === offset);
    const [first, ...others] = areas.filter(({ file }) => file instanceof Segment);
    if (first === undefined) return EINVAL;
    const segment = first.file as Segment;
    // One that was made longer goes as a whole, of one in pieces those that can have been there from the start.
    const pieces = others.filter(({ file, end }) => file === segment && end - address <= segment.size);
    for (const { start, end } of [first, ...pieces]) mm.unmap(start, end - start);
    segment.noteDetached(process);
    return 0;
  },
});

/** A process ends that nobody shares memory with: it is the one who detaches, whoever ended it. */
export function detachAll(process: Process): void {
  const { kernel, mm } = process;
  if (mm.users > 0 || kernel.get(segments).size === 0) return;
  for (const { file, start, end } of [...mm.areas()]) {
    if (!(file instanceof Segment)) continue;
    mm.unmap(start, end - start);
    file.noteDetached(process);
  }
}
