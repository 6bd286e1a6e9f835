import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { type ByteString, byteString, bytesOf } from "../../base/bytes.ts";
import {
  HostError,
  type HostErrorCode,
  type HostFile,
  type HostFolder,
  type HostNode,
  type HostStat,
} from "../../kernel/host.ts";

/** open(2)'s O_PATH, which Node does not name: a handle on a place in the tree, whatever it is and whoever may read it. */
const O_PATH = 0o10000000;
const DIRECTORY = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Grants a folder of this machine to the guest.
 *
 * Every operation names a single component below an open directory handle (`/proc/self/fd/N/name`, which is what openat(2)
 * does), and never follows a symbolic link. So neither `..`, nor a link, nor a rename while the operation is under way
 * can lead outside of the folder.
 *
 * @returns undefined if there is no such directory.
 */
export function openHostFolder(hostPath: string, mountPoint: ByteString, readOnly: boolean): HostFolder | undefined {
  try {
    const fd = openSync(hostPath, O_PATH | constants.O_DIRECTORY);
    const identities = new Identities(fstatSync(fd, { bigint: true }).dev);
    return { mountPoint, readOnly, root: new Node(identities, new RootHandle(fd)) };
  } catch {
    return undefined;
  }
}

/** Inode numbers that are one file's alone, also where other file systems are mounted inside the folder. */
class Identities {
  private readonly device: bigint;
  private readonly others = new Map<string, number>();

  constructor(device: bigint) {
    this.device = device;
  }

  of({ dev, ino }: BigIntStats): number {
    if (dev === this.device && ino < OTHERS) return Number(ino);
    const key = `${dev}:${ino}`;
    const known = this.others.get(key) ?? Number(OTHERS) + this.others.size;
    this.others.set(key, known);
    return known;
  }
}

/** Numbers from here on stand for files whose own number would not do. */
const OTHERS = 1n << 52n;

/** A directory that names can be resolved in. */
interface DirectoryHandle {
  /** Runs `use` with an open descriptor of the directory. */
  with<T>(use: (fd: number) => T): T;
}

class RootHandle implements DirectoryHandle {
  private readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  with<T>(use: (fd: number) => T): T {
    return use(this.fd);
  }
}

/** A directory below another one, opened for as long as it is used. */
class ChildHandle implements DirectoryHandle {
  private readonly parent: DirectoryHandle;
  private readonly name: ByteString;

  constructor(parent: DirectoryHandle, name: ByteString) {
    this.parent = parent;
    this.name = name;
  }

  with<T>(use: (fd: number) => T): T {
    return this.parent.with((parent) => {
      const fd = openSync(at(parent, this.name), DIRECTORY);
      try {
        return use(fd);
      } finally {
        closeSync(fd);
      }
    });
  }
}

/** The path that names an entry of an open directory; refuses what is not a single component. */
function at(directory: number, name: ByteString): Buffer {
  if (name === "" || name === "." || name === ".." || /[/\0]/.test(name)) throw new HostError("EINVAL");
  return Buffer.concat([Buffer.from(`/proc/self/fd/${directory}/`), bytesOf(name)]);
}

const KNOWN = new Set<string>([
  "ENOENT",
  "EACCES",
  "EPERM",
  "EEXIST",
  "ENOTDIR",
  "EISDIR",
  "ENOTEMPTY",
  "ENOSPC",
  "EROFS",
  "ELOOP",
  "EXDEV",
  "EMFILE",
  "ENAMETOOLONG",
  "EBUSY",
  "EINVAL",
]);

/** Runs a host operation; what it throws becomes a value. */
function attempt<T>(operation: () => T): T | HostError {
  try {
    return operation();
  } catch (error) {
    if (error instanceof HostError) return error;
    const code = (error as NodeJS.ErrnoException).code ?? "EIO";
    return new HostError(KNOWN.has(code) ? (code as HostErrorCode) : "EIO");
  }
}

/** The same for an operation that answers nothing. */
function refused(operation: () => void): HostError | undefined {
  const answer = attempt(operation);
  return answer instanceof HostError ? answer : undefined;
}

class Node implements HostNode {
  /** Where the entry stands; absent for the granted folder itself. */
  private readonly entry: { readonly parent: DirectoryHandle; readonly name: ByteString } | undefined;
  private readonly directory: DirectoryHandle;
  private readonly identities: Identities;

  constructor(
    identities: Identities,
    directory: DirectoryHandle,
    entry?: { readonly parent: DirectoryHandle; readonly name: ByteString },
  ) {
    this.identities = identities;
    this.directory = directory;
    this.entry = entry;
  }

  stat(): HostStat | HostError {
    return attempt(() => {
      const { entry, identities } = this;
      if (entry === undefined)
        return statOf(
          identities,
          this.directory.with((fd) => fstatSync(fd, { bigint: true })),
        );
      return statOf(
        identities,
        entry.parent.with((fd) => lstatSync(at(fd, entry.name), { bigint: true })),
      );
    });
  }

  lookup(name: ByteString): HostNode | HostError {
    return attempt(() => {
      this.directory.with((fd) => lstatSync(at(fd, name)));
      return this.child(name);
    });
  }

  list(): ReturnType<HostNode["list"]> {
    return attempt(() =>
      this.directory.with((fd) =>
        readdirSync(`/proc/self/fd/${fd}`, { withFileTypes: true, encoding: "buffer" }).map((entry) => ({
          name: byteString(entry.name as unknown as Uint8Array),
          type: typeOf(entry),
        })),
      ),
    );
  }

  readLink(): ByteString | HostError {
    return this.onEntry((path) => byteString(readlinkSync(path, "buffer")));
  }

  create(name: ByteString, mode: number): HostNode | HostError {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    return this.make(name, (path) => closeSync(openSync(path, flags, mode)));
  }

  makeDirectory(name: ByteString, mode: number): HostNode | HostError {
    return this.make(name, (path) => mkdirSync(path, mode));
  }

  symlink(name: ByteString, target: ByteString): HostNode | HostError {
    return this.make(name, (path) => symlinkSync(Buffer.from(bytesOf(target)), path));
  }

  link(name: ByteString, target: HostNode): HostError | undefined {
    const source = (target as Node).entry;
    if (source === undefined) return new HostError("EPERM");
    return refused(() =>
      source.parent.with((from) => this.directory.with((to) => linkSync(at(from, source.name), at(to, name)))),
    );
  }

  unlink(name: ByteString, directory: boolean): HostError | undefined {
    return refused(() => this.directory.with((fd) => (directory ? rmdirSync : unlinkSync)(at(fd, name))));
  }

  rename(name: ByteString, to: HostNode, newName: ByteString): HostError | undefined {
    const target = (to as Node).directory;
    return refused(() =>
      this.directory.with((from) => target.with((into) => renameSync(at(from, name), at(into, newName)))),
    );
  }

  open(write: boolean): HostFile | HostError {
    return this.onEntry((path) => {
      const access = write ? constants.O_RDWR : constants.O_RDONLY;
      // Opening a FIFO or a device must neither wait nor do anything; neither is a file for the guest.
      const fd = openSync(path, access | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      if (fstatSync(fd).isFile()) return new NodeFile(this.identities, fd);
      closeSync(fd);
      throw new HostError("EACCES");
    });
  }

  setMode(mode: number): HostError | undefined {
    // chmod(2) follows links, so the entry is opened first and changed through its handle.
    return refusedOf(
      this.onEntry((path) => {
        const fd = openSync(path, O_PATH | constants.O_NOFOLLOW);
        try {
          if (fstatSync(fd).isSymbolicLink()) throw new HostError("ENOTSUP");
          chmodSync(`/proc/self/fd/${fd}`, mode & 0o7777);
        } finally {
          closeSync(fd);
        }
      }),
    );
  }

  setTimes(atime: HostStat["atime"], mtime: HostStat["mtime"]): HostError | undefined {
    return refusedOf(this.onEntry((path) => lutimesSync(path, seconds(atime), seconds(mtime))));
  }

  private child(name: ByteString): Node {
    return new Node(this.identities, new ChildHandle(this.directory, name), { parent: this.directory, name });
  }

  private make(name: ByteString, create: (path: Buffer) => void): HostNode | HostError {
    return attempt(() => {
      this.directory.with((fd) => create(at(fd, name)));
      return this.child(name);
    });
  }

  private onEntry<T>(use: (path: Buffer) => T): T | HostError {
    const { entry } = this;
    if (entry === undefined) return new HostError("EPERM");
    return attempt(() => entry.parent.with((fd) => use(at(fd, entry.name))));
  }
}

function refusedOf(answer: unknown): HostError | undefined {
  return answer instanceof HostError ? answer : undefined;
}

/**
 * Node takes times as seconds, cuts them to microseconds and mistakes those before 1970: half a microsecond more keeps the
 * last digit, and the others are refused.
 */
function seconds({ seconds: whole, nanoseconds }: HostStat["atime"]): number {
  if (whole < 0) throw new HostError("EINVAL");
  return whole + (Math.floor(nanoseconds / 1000) + 0.5) / 1e6;
}

class NodeFile implements HostFile {
  private readonly identities: Identities;
  private readonly fd: number;

  constructor(identities: Identities, fd: number) {
    this.identities = identities;
    this.fd = fd;
  }

  stat(): HostStat | HostError {
    return attempt(() => statOf(this.identities, fstatSync(this.fd, { bigint: true })));
  }

  setMode(mode: number): HostError | undefined {
    return refused(() => fchmodSync(this.fd, mode & 0o7777));
  }

  setTimes(atime: HostStat["atime"], mtime: HostStat["mtime"]): HostError | undefined {
    return refused(() => futimesSync(this.fd, seconds(atime), seconds(mtime)));
  }

  read(into: Uint8Array, offset: number): number | HostError {
    return attempt(() => readSync(this.fd, into, 0, into.length, offset));
  }

  write(from: Uint8Array, offset: number): number | HostError {
    return attempt(() => writeSync(this.fd, from, 0, from.length, offset));
  }

  truncate(size: number): HostError | undefined {
    return refused(() => ftruncateSync(this.fd, size));
  }

  close(): void {
    closeSync(this.fd);
  }
}

function typeOf(entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): HostStat["type"] {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "symlink" : "other";
}

function statOf(identities: Identities, stat: BigIntStats): HostStat {
  const time = (ns: bigint): HostStat["mtime"] => ({
    seconds: Number(ns / 1_000_000_000n),
    nanoseconds: Number(ns % 1_000_000_000n),
  });
  return {
    type: typeOf(stat),
    inode: identities.of(stat),
    mode: Number(stat.mode) & 0o7777,
    size: Number(stat.size),
    links: Number(stat.nlink),
    mtime: time(stat.mtimeNs),
    atime: time(stat.atimeNs),
    ctime: time(stat.ctimeNs),
  };
}
