import { EINVAL, ENODEV, ENOTDIR, EOPNOTSUPP, EPERM, type Result } from "../../abi/errno.ts";
import type { Statfs } from "../../abi/riscv64/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { FileViews } from "../../kernel/mm/mappable.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import type { AttributeChanges, Attributes, OpenFile } from "../posix-fdtab/index.ts";
import type { Location } from "./dentry.ts";

/** A file system: a tree of inodes below one root. */
export interface FileSystem {
  /** As /proc/mounts and /proc/filesystems name it. */
  readonly type: ByteString;
  /** What is mounted, as /proc/mounts shows it. */
  readonly source: ByteString;
  /** st_dev of everything in it. */
  readonly device: number;
  readonly root: Inode;
  readonly readOnly: boolean;
  statfs(): Answer<Statfs>;
  sync(): Answer<0>;
}

export interface DirectoryEntry {
  readonly name: ByteString;
  readonly inode: number;
  /** A type of S.IFMT, or 0 if only the inode knows. */
  readonly type: number;
}

/** What is to be made: a file, directory, symbolic link, device, FIFO or socket. */
export interface NewNode {
  /** Type and permissions, umask applied. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev?: number;
  /** Of a symbolic link. */
  readonly target?: ByteString;
}

/**
 * A file, whatever its name: what a file system implements.
 *
 * Operations may sleep, and answer at once when their data is there. Names are single components, neither "." nor "..", and
 * permissions have been checked. What an inode does not override it refuses, with the errno of a Linux file system without
 * that operation.
 */
export abstract class Inode {
  abstract readonly fs: FileSystem;
  abstract readonly number: number;
  /** A type of S.IFMT. It never changes. */
  abstract readonly type: number;

  /** How many files are open on it. */
  holders = 0;
  /** True once its last name was removed. */
  nameless = false;

  abstract attributes(): Answer<Attributes>;

  change(_changes: AttributeChanges): Answer<0> {
    return EPERM;
  }

  /** Finds a name in a directory: ENOENT if there is none. The same inode object for the same file. */
  lookup(_name: ByteString): Answer<Inode> {
    return ENOTDIR;
  }

  /** What a directory holds, without "." and "..". */
  list(): Answer<readonly DirectoryEntry[]> {
    return ENOTDIR;
  }

  /** Makes something under a name that is not there. */
  make(_name: ByteString, _node: NewNode): Answer<Inode> {
    return EPERM;
  }

  /** Makes another name for a file of the same file system. */
  link(_name: ByteString, _inode: Inode): Answer<0> {
    return EPERM;
  }

  /** Removes a name of something other than a directory. */
  unlink(_name: ByteString): Answer<0> {
    return EPERM;
  }

  /** Removes an empty directory: ENOTEMPTY if it is not. */
  rmdir(_name: ByteString): Answer<0> {
    return EPERM;
  }

  /** Moves `name` to `newName` in `directory`, over what is there; with `exchange` the two change places. */
  rename(_name: ByteString, _directory: Inode, _newName: ByteString, _exchange: boolean): Answer<0> {
    return EPERM;
  }

  /** Makes a file without a name (O_TMPFILE). */
  makeUnnamed(_node: NewNode): Answer<Inode> {
    return EOPNOTSUPP;
  }

  readLink(_task: Task): Answer<ByteString> {
    return EINVAL;
  }

  /** Where a link leads that is not a path, as those in /proc/self/fd (magic links); absent for others. */
  follow?(task: Task): Answer<Location>;

  /** Makes the open file of something that is not a regular file or directory of the common kind. */
  open?(task: Task, location: Location, flags: number): Answer<OpenFile>;

  /** Called for each open and close of a regular file, for file systems that keep something meanwhile. */
  opened(_writable: boolean): Answer<0> {
    return 0;
  }

  closed(_writable: boolean): void {}

  /** Reads file bytes; fewer than asked for only at the end. */
  read(_into: Uint8Array, _position: number): Answer {
    return EINVAL;
  }

  /** Writes file bytes, and zeros before them if the file was shorter; fewer than asked for if there is no more space. */
  write(_from: Uint8Array, _position: number): Answer {
    return EINVAL;
  }

  /** Cuts the file off or lengthens it with zeros. */
  truncate(_size: number): Answer<0> {
    return EINVAL;
  }

  /** fallocate(2), its arguments checked. */
  allocate(_mode: number, _offset: number, _length: number): Answer<0> {
    return EOPNOTSUPP;
  }

  /** The first byte of data, or of a hole, from an offset below the size on. A file system without holes has one at the end. */
  nextData(offset: number): number {
    return offset;
  }

  nextHole(_offset: number, size: number): number {
    return size;
  }

  sync(): Answer<0> {
    return 0;
  }

  /** Bytes now, for mmap(2), which cannot sleep. */
  get mappedSize(): Result<number> {
    return ENODEV;
  }

  /** Shared mappings of the file; made when it is first mapped. */
  views: FileViews | undefined;

  /** See MappableFile.contentKey. */
  contentKey?(): string | undefined;
}
