/** openat(2) and openat2(2). Order of checks: path_openat() and do_open() in fs/namei.c, do_dentry_open() in fs/open.c. */
import {
  E2BIG,
  EEXIST,
  EFAULT,
  EINVAL,
  EISDIR,
  ELOOP,
  EMFILE,
  ENOTDIR,
  EPERM,
  ERESTARTSYS,
  EROFS,
  Errno,
} from "../../abi/errno.ts";
import { O, RESOLVE } from "../../abi/fcntl.ts";
import { IN } from "../../abi/inotify.ts";
import { openHowLayout } from "../../abi/riscv64/stat.ts";
import { S } from "../../abi/stat.ts";
import type { Fd, GuestPtr } from "../../abi/types.ts";
import { formatFields, structIn } from "../../kernel/struct-arg.ts";
import { type Arg, arg, formatFlags, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { type Answer, type Blocking, isBlocking } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import { dirFdArg, formatOpenFlags, modeArg, openFlagsArg } from "../posix-fdtab/arguments.ts";
import { descriptorLimit, fdTable, installFd, type OpenFile } from "../posix-fdtab/index.ts";
import type { Location } from "./dentry.ts";
import { tellFile } from "./file-events.ts";
import { resizeInode } from "./file-views.ts";
import { DirectoryFile, LocatedFile, PathFile, RegularFile } from "./located-file.ts";
import { isReadOnly, makeIn, makeUnnamedIn } from "./make.ts";
import { lenient, type OpenRequest, strict } from "./open-flags.ts";
import { readPath, walkFrom } from "./paths.ts";
import { checkAccess, MAY, ownsFile } from "./permission.ts";
import { openSpecial } from "./special-file.ts";
import type { Last, Walk } from "./walk.ts";

/** The mode is of interest only if a file may be made. */
const createModeArg: Arg<number> = {
  decode: modeArg.decode,
  format: (v, context) =>
    Number(context.args[2]) & (O.CREAT | O.TMPFILE) & ~O.DIRECTORY ? modeArg.format(v, context) : "",
};

/** What an open that sleeps goes on from: its arguments, or the FIFO that waits for its other side. */
type State = readonly [dirFd: Fd, path: GuestPtr, request: OpenRequest] | Waiting;

interface Waiting {
  readonly file: LocatedFile;
  readonly closeOnExec: boolean;
}

export const openat = syscall({
  name: "openat",
  args: [dirFdArg, arg.path, openFlagsArg, createModeArg],
  support: { partial: "no O_ASYNC, no file leases; running programs can be opened for writing" },
  run(task, dirFd, path, flags, mode) {
    const request = lenient(flags, mode);
    return request instanceof Errno ? request : start(task, dirFd, path, request);
  },
  restart: goOn,
});

const howArg = structIn(openHowLayout, ({ flags, mode, resolve }) =>
  formatFields({
    flags: formatOpenFlags(flags),
    ...(mode === 0 ? {} : { mode: `0${mode.toString(8)}` }),
    resolve: resolve === 0 ? 0 : formatFlags(resolve, RESOLVE, "RESOLVE_"),
  }),
);

export const openat2 = syscall({
  name: "openat2",
  args: [dirFdArg, arg.path, howArg, arg.u64],
  support: { partial: "as openat(2)" },
  run(task, dirFd, path, how, size) {
    if (size < openHowLayout.size) return EINVAL;
    const request = readHow(task, how, size);
    return request instanceof Errno ? request : start(task, dirFd, path, request);
  },
  restart: goOn,
});

/** A longer struct than is known must be zero behind (copy_struct_from_user). */
function readHow(task: Task, at: GuestPtr, size: number): OpenRequest | Errno {
  if (size > PAGE) return E2BIG;
  const how = task.mm.readStruct(at as GuestPtr<never>, openHowLayout);
  if (how instanceof Errno) return how;
  const rest = task.mm.read((at + openHowLayout.size) as GuestPtr, size - openHowLayout.size);
  if (rest instanceof Errno) return EFAULT;
  if (rest.some((byte) => byte !== 0)) return E2BIG;
  return strict(how.flags, how.mode, how.resolve);
}

const PAGE = 4096;

function goOn(task: Task, state: State): Answer {
  return "file" in state ? waitForPeer(task, state) : start(task, ...state);
}

function start(task: Task, dirFd: Fd, at: GuestPtr, request: OpenRequest): Answer {
  const answer = install(task, dirFd, at, request);
  if (isBlocking(answer)) task.restart = [dirFd, at, request] satisfies State;
  return answer;
}

function install(task: Task, dirFd: Fd, at: GuestPtr, request: OpenRequest): Answer {
  const path = readPath(task, at);
  if (path instanceof Errno) return path;
  if (task.process.get(fdTable).isFull(descriptorLimit(task.process))) return EMFILE;
  const walk = walkFrom(task, dirFd, path, { follow: request.follow, resolve: request.resolve });
  if (walk instanceof Errno) return walk;
  return chain(openFile(task, walk, request), (file) => finish(task, { file, closeOnExec: request.closeOnExec }));
}

function finish(task: Task, opened: { readonly file: OpenFile; readonly closeOnExec: boolean }): Answer {
  const { file, closeOnExec } = opened;
  if (file instanceof LocatedFile && file.waitsForPeer) {
    file.hold();
    return waitForPeer(task, { file, closeOnExec });
  }
  return installFd(task.process, file, closeOnExec ? O.CLOEXEC : 0);
}

/** The file is open on this side; the call returns when somebody opens the other one (fifo_open). */
function* waitForPeer(task: Task, { file, closeOnExec }: Waiting): Blocking {
  task.restart = { file, closeOnExec } satisfies State;
  while (file.waitsForPeer) {
    if ((yield { on: [file.readiness] }) === "signal") {
      file.drop();
      return ERESTARTSYS;
    }
  }
  const fd = installFd(task.process, file, closeOnExec ? O.CLOEXEC : 0);
  file.drop();
  return fd;
}

/** Finds or makes what the path names, and opens it. */
export function openFile(task: Task, walk: Walk, request: OpenRequest): Answer<OpenFile> {
  if (request.unnamed) return chain(walk.run(), (place) => openUnnamed(task, place, request));
  if (!request.create) return chain(walk.run(), (place) => openPlace(task, place, request, false));
  return openOrMake(task, walk, request);
}

/** Walks to the last component, through links there as long as they are to be followed. */
function openOrMake(task: Task, walk: Walk, request: OpenRequest): Answer<OpenFile> {
  return chain(walk.toLast(), (last): Answer<OpenFile> => {
    if (last.kind === "name" && last.slashed) return EISDIR;
    return chain(walk.lookUpLast(last), (place): Answer<OpenFile> => {
      if (place === "absent") return makeAndOpen(task, last, request);
      if (place === "link") return openOrMake(task, walk, request);
      if (request.exclusive) return EEXIST;
      return place.dentry.isDirectory ? EISDIR : openPlace(task, place, request, false);
    });
  });
}

function makeAndOpen(task: Task, { parent, name }: Last, request: OpenRequest): Answer<OpenFile> {
  return chain(makeIn(task, parent, name, S.IFREG | request.mode), (place) => openPlace(task, place, request, true));
}

function openUnnamed(task: Task, directory: Location, request: OpenRequest): Answer<OpenFile> {
  return chain(makeUnnamedIn(task, directory, request.mode), (place) => openPlace(task, place, request, true));
}

/** Opens what is there, or was made a moment ago: then its mode does not matter. */
function openPlace(task: Task, place: Location, request: OpenRequest, made: boolean): Answer<OpenFile> {
  const { dentry } = place;
  if (request.directory && !request.unnamed && !dentry.isDirectory) return ENOTDIR;
  if (request.pathOnly) return new PathFile(task.process, place, request.flags);
  if (dentry.isSymlink) return ELOOP;
  const writes = (request.access & MAY.WRITE) !== 0;
  if (dentry.isDirectory && writes) return EISDIR;
  const stored = dentry.inode.type === S.IFREG;
  if (writes && !made && stored && isReadOnly(place)) return EROFS;
  if (made) return openTold(task, place, request.flags);
  return chain(dentry.inode.attributes(), (attributes): Answer<OpenFile> => {
    const refused = checkAccess(task.process, attributes, request.access);
    if (refused !== undefined) return refused;
    if (request.flags & O.NOATIME && !ownsFile(task.process, attributes)) return EPERM;
    if (!request.truncate || !stored) return openTold(task, place, request.flags);
    return chain(resizeInode(dentry.inode, 0), () => openTold(task, place, request.flags, true));
  });
}

/** Opens an inode, and tells so; that it was cut off comes behind. */
function openTold(task: Task, place: Location, flags: number, isCut = false): Answer<OpenFile> {
  return chain(openInode(task, place, flags), (file) => {
    tellFile(task.kernel, IN.OPEN, place, true);
    if (isCut) tellFile(task.kernel, IN.MODIFY, place);
    return file;
  });
}

/** Makes the open file by what the inode is. */
function openInode(task: Task, place: Location, flags: number): Answer<OpenFile> {
  const { inode } = place.dentry;
  if (inode.open !== undefined) return inode.open(task, place, flags);
  switch (inode.type) {
    case S.IFREG: {
      const file = new RegularFile(task.process, place, flags);
      return chain(inode.opened(file.writable), () => file);
    }
    case S.IFDIR:
      return flags & O.DIRECT ? EINVAL : new DirectoryFile(task.process, place, flags);
    default:
      return openSpecial(task, place, flags);
  }
}
