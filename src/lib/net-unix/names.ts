/** Names of AF_UNIX sockets (unix(7)): paths of the file system, and abstract ones of the machine. */
import { EADDRINUSE, ECONNREFUSED, EEXIST, EINVAL, ENOSPC, EPROTOTYPE, Errno, type Result } from "../../abi/errno.ts";
import { AT_FDCWD } from "../../abi/fcntl.ts";
import { AF } from "../../abi/socket.ts";
import { S } from "../../abi/stat.ts";
import type { Fd } from "../../abi/types.ts";
import { type ByteString, byteString } from "../../base/bytes.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import { type Answer, type Blocking, isBlocking } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import type { Inode } from "../vfs/index.ts";
import { makeIn, mustNotExist } from "../vfs/make.ts";
import { walkFrom } from "../vfs/paths.ts";
import { checkAccess, MAY } from "../vfs/permission.ts";
import type { UnixSocket } from "./unix-socket.ts";

/** Bytes of sun_family, and of a whole struct sockaddr_un. */
const FAMILY_SIZE = 2;
const ADDRESS_SIZE = 110;

/** A name that a socket has: its sockaddr. */
export type Name = Uint8Array;

/** The sockaddr of a socket without a name. */
export const NAMELESS: Name = Uint8Array.of(AF.UNIX, 0);

/** The sockets that have names. */
const named = perKernel(() => ({
  abstract: new Map<ByteString, UnixSocket>(),
  paths: new WeakMap<Inode, UnixSocket>(),
  /** Where looking for a free number begins (unix_autobind). */
  nextNumber: 1,
}));

type Parsed =
  | { readonly kind: "path"; readonly path: ByteString }
  | { readonly kind: "abstract"; readonly key: ByteString };

/** unix_validate_addr and unix_mkname */
function parse(address: Uint8Array): Result<Parsed> {
  if (address.length <= FAMILY_SIZE || address.length > ADDRESS_SIZE || !isUnix(address)) return EINVAL;
  const path = address.subarray(FAMILY_SIZE);
  if (path[0] === 0) return { kind: "abstract", key: byteString(path) };
  const end = path.indexOf(0);
  return { kind: "path", path: byteString(end < 0 ? path : path.subarray(0, end)) };
}

export function isUnix(address: Uint8Array): boolean {
  return familyOf(address) === AF.UNIX;
}

export function familyOf(address: Uint8Array): number {
  return (address[0] ?? 0) | ((address[1] ?? 0) << 8);
}

/** Whether a bind asks for any free abstract name. */
export function asksForAny(address: Uint8Array): boolean {
  return address.length === FAMILY_SIZE && isUnix(address);
}

function sockaddr(path: ByteString, terminated: boolean): Name {
  const name = new Uint8Array(FAMILY_SIZE + path.length + (terminated ? 1 : 0));
  name[0] = AF.UNIX;
  for (let i = 0; i < path.length; i++) name[FAMILY_SIZE + i] = path.charCodeAt(i);
  return name;
}

/** Gives a socket a name that nobody has. */
export function bindName(task: Task, socket: UnixSocket, address: Uint8Array): Answer<0> {
  const parsed = parse(address);
  if (parsed instanceof Errno) return parsed;
  return parsed.kind === "path" ? bindPath(task, socket, parsed.path) : bindAbstract(task, socket, parsed.key);
}

function bindAbstract({ kernel }: Task, socket: UnixSocket, key: ByteString): Result<0> {
  const { abstract } = kernel.get(named);
  if (abstract.has(key)) return EADDRINUSE;
  abstract.set(key, socket);
  socket.named(sockaddr(key, false), () => abstract.delete(key));
  return 0;
}

/** unix_bind_bsd */
function bindPath(task: Task, socket: UnixSocket, path: ByteString): Answer<0> {
  const walk = walkFrom(task, AT_FDCWD as Fd, path, { follow: false });
  if (walk instanceof Errno) return walk;
  const made = chain(walk.toLast(), (last) =>
    chain(mustNotExist(last, false), () => makeIn(task, last.parent, last.name, S.IFSOCK | S.RWX)),
  );
  const inUse = (result: Errno): Errno => (result === EEXIST ? EADDRINUSE : result);
  return chain(replaceErrno(made, inUse), ({ dentry }): Result<0> => {
    const { paths } = task.kernel.get(named);
    paths.set(dentry.inode, socket);
    socket.named(sockaddr(path, true), () => paths.delete(dentry.inode));
    return 0;
  });
}

function replaceErrno<T>(answer: Answer<T>, replace: (errno: Errno) => Errno): Answer<T> {
  if (isBlocking(answer)) return replaceLater(answer, replace);
  return answer instanceof Errno ? replace(answer) : answer;
}

function* replaceLater<T>(answer: Blocking<T>, replace: (errno: Errno) => Errno): Blocking<T> {
  const value = yield* answer;
  return value instanceof Errno ? replace(value) : value;
}

/** Takes the next free abstract name of five hexadecimal digits (unix_autobind). */
export function bindAny(task: Task, socket: UnixSocket): Result<0> {
  const names = task.kernel.get(named);
  for (let tried = 0; tried <= MOST_NUMBERS; tried++) {
    const number = names.nextNumber;
    names.nextNumber = (number + 1) & MOST_NUMBERS;
    const key = `\0${number.toString(16).padStart(5, "0")}` as ByteString;
    if (bindAbstract(task, socket, key) === 0) return 0;
  }
  return ENOSPC;
}

const MOST_NUMBERS = 0xfffff;

/** The socket with a name, of the same type: ECONNREFUSED where there is none (unix_find_other). */
export function findSocket(task: Task, address: Uint8Array, type: number): Answer<UnixSocket> {
  const parsed = parse(address);
  if (parsed instanceof Errno) return parsed;
  const { abstract, paths } = task.kernel.get(named);
  const check = (found: UnixSocket | undefined): Result<UnixSocket> => {
    if (found === undefined) return ECONNREFUSED;
    return found.socketType === type ? found : EPROTOTYPE;
  };
  if (parsed.kind === "abstract") return check(abstract.get(parsed.key));
  const walk = walkFrom(task, AT_FDCWD as Fd, parsed.path);
  if (walk instanceof Errno) return walk;
  return chain(walk.run(), ({ dentry }) =>
    chain(dentry.inode.attributes(), (attributes): Answer<UnixSocket> => {
      const refused = checkAccess(task.process, attributes, MAY.WRITE);
      if (refused !== undefined) return refused;
      return check(paths.get(dentry.inode));
    }),
  );
}
