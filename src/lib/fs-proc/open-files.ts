/** /proc/PID/fd: links to what is open, also to what has no path. */
import { EACCES, ENOENT, ENXIO, Errno, type Result } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { S } from "../../abi/stat.ts";
import type { Fd } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Process } from "../../kernel/process.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { RamFileSystem } from "../fs-ram/index.ts";
import { type Attributes, fdTable, type OpenFile } from "../posix-fdtab/index.ts";
import { Dentry, type FileSystem, Inode, LocatedFile, type Location, Mount } from "../vfs/index.ts";
import { type DirectoryNode, type LinkNode, link, type ProcNode, type TextNode, text } from "./node.ts";

/** The mount of places that have no path. */
const hidden = perKernel((kernel) => new Mount(new RamFileSystem(kernel), 0, undefined));

/** The place of an open file without one: a pipe, say. Opening it opens the same pipe once more. */
class OpenFileInode extends Inode {
  readonly fs: FileSystem;
  readonly number = 0;
  private readonly file: OpenFile;

  constructor(fs: FileSystem, file: OpenFile) {
    super();
    this.fs = fs;
    this.file = file;
  }

  get type(): number {
    return this.file.type;
  }

  override attributes(): Answer<Attributes> {
    return this.file.attributes();
  }

  override open = ({ process }: Task, location: Location, flags: number): Result<OpenFile> => {
    if (this.file.type === 0 || this.file.type === S.IFSOCK) return ENXIO;
    const mode = flags & O.ACCMODE;
    const allowed = (mode === O.WRONLY || this.file.readable) && (mode === 0 || this.file.writable);
    return allowed ? new ReopenedFile(process, location, flags, this.file) : EACCES;
  };
}

/** Another open file of what one is already open for. */
class ReopenedFile extends LocatedFile {
  private readonly original: OpenFile;

  constructor(process: Process, location: Location, flags: number, original: OpenFile) {
    super(process, location, flags, original.readiness);
    this.original = original.hold();
  }

  override describe(): ByteString {
    return this.original.describe();
  }

  override read(task: Task, into: Uint8Array, position: number): Answer {
    return this.original.read(task, into, position);
  }

  override readDeadline() {
    return this.original.readDeadline();
  }

  override write(task: Task, from: Uint8Array, position: number): Answer {
    return this.original.write(task, from, position);
  }

  override poll(): number {
    return this.original.poll();
  }

  override ioctl(task: Task, request: number, argument: number): Answer {
    return this.original.ioctl(task, request, argument);
  }

  protected override released(): void {
    this.original.drop();
    super.released();
  }
}

function placeOf(process: Process, file: OpenFile): Location {
  if (file instanceof LocatedFile) return file.location;
  const mount = process.kernel.get(hidden);
  return { mount, dentry: new Dentry(mount.root, file.describe(), new OpenFileInode(mount.fs, file)) };
}

/** One directory for the descriptors of a process, whose nodes stay the same as long as the files do. */
function perDescriptor(process: Process, make: (fd: Fd, file: OpenFile) => ProcNode): DirectoryNode["entries"] {
  const known = new WeakMap<OpenFile, Map<Fd, ProcNode>>();
  return () => {
    const entries = new Map<string, ProcNode>();
    for (const [fd, { file }] of process.get(fdTable)) {
      const ofFile = known.get(file) ?? new Map<Fd, ProcNode>();
      known.set(file, ofFile);
      const node = ofFile.get(fd) ?? make(fd, file);
      ofFile.set(fd, node);
      entries.set(`${fd}`, node);
    }
    return entries;
  };
}

/** /proc/PID/fd */
export function openFiles(process: Process): DirectoryNode {
  const entries = perDescriptor(process, (fd, file): LinkNode => {
    const mode = (file.readable ? 0o500 : 0) | (file.writable ? 0o300 : 0);
    const stillOpen = (): boolean => process.get(fdTable).get(fd)?.file === file;
    return link(() => (stillOpen() ? file.describe() : ENOENT), {
      mode,
      owner: process,
      shows: process,
      follow: () => (stillOpen() ? placeOf(process, file) : ENOENT),
    });
  });
  return { kind: "directory", mode: 0o500, owner: process, entries };
}

/** /proc/PID/fdinfo */
export function openFileFacts(process: Process): DirectoryNode {
  const entries = perDescriptor(process, (fd, file): TextNode => {
    const read = (): string => {
      const closeOnExec = process.get(fdTable).get(fd)?.closeOnExec ? O.CLOEXEC : 0;
      const attributes = file.attributes();
      const inode = attributes instanceof Errno || !("inode" in attributes) ? 0 : attributes.inode;
      const mount = file instanceof LocatedFile ? file.location.mount.id : 0;
      return `pos:\t${file.position}\nflags:\t0${(file.flags | closeOnExec).toString(8)}\nmnt_id:\t${mount}\nino:\t${inode}\n${file.facts()}`;
    };
    return text(read, { mode: 0o400, owner: process, shows: process });
  });
  return { kind: "directory", mode: 0o555, owner: process, entries };
}
