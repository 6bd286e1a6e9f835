/** memfd_create(2): a file in memory without a name, and its seals. (mm/memfd.c) */
import { EBUSY, EFAULT, EINVAL, EPERM, Errno, type Result } from "../../abi/errno.ts";
import { F, MFD, O, SEAL } from "../../abi/fcntl.ts";
import { NAME_MAX } from "../../abi/limits.ts";
import { S } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { MappableFile } from "../../kernel/mm/mappable.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { RamFile, RamFileSystem } from "../fs-ram/index.ts";
import { type FcntlCommand, installFd, type OpenFile } from "../posix-fdtab/index.ts";
import { credentialsOf } from "../posix-user/index.ts";
import { Dentry, Mount, RegularFile } from "../vfs/index.ts";

/** The mount that nobody sees, in which memory files are. */
const hidden = perKernel((kernel) => new Mount(new RamFileSystem(kernel), 0, undefined));

/** A memory file's inode: a file that can be sealed against changes, for good. */
class SealedFile extends RamFile {
  seals = 0;

  override write(from: Uint8Array, position: number): Result<number> {
    if (this.seals & (SEAL.WRITE | SEAL.FUTURE_WRITE)) return EPERM;
    if (!(this.seals & SEAL.GROW)) return super.write(from, position);
    const room = this.size - position;
    return room <= 0 ? EPERM : super.write(from.subarray(0, room), position);
  }

  override truncate(size: number): Result<0> {
    if (size < this.size && this.seals & SEAL.SHRINK) return EPERM;
    if (size > this.size && this.seals & SEAL.GROW) return EPERM;
    return super.truncate(size);
  }

  override allocate(mode: number, offset: number, length: number): Result<0> {
    if (this.seals & (SEAL.WRITE | SEAL.FUTURE_WRITE)) return EPERM;
    if (offset + length > this.size && this.seals & SEAL.GROW) return EPERM;
    return super.allocate(mode, offset, length);
  }
}

class MemoryFile extends RegularFile {
  /** Whether a shared writable mapping was ever made: it may still be there. */
  private mappedForWriting = false;

  override describe(): ByteString {
    return `/memfd:${this.location.dentry.name} (deleted)` as ByteString;
  }

  override mappable(): Result<MappableFile> {
    const file = super.mappable();
    if (file instanceof Errno) return file;
    const { write, ...readOnly } = file;
    if (sealedInode(this)!.seals & (SEAL.WRITE | SEAL.FUTURE_WRITE)) return readOnly;
    this.mappedForWriting = write !== undefined;
    return file;
  }

  get mayBeMapped(): boolean {
    return this.mappedForWriting;
  }
}

function sealedInode(file: OpenFile): SealedFile | undefined {
  return file instanceof RegularFile && file.inode instanceof SealedFile ? file.inode : undefined;
}

const PREFIX_LENGTH = "memfd:".length;
const KNOWN = MFD.CLOEXEC | MFD.ALLOW_SEALING | MFD.NOEXEC_SEAL | MFD.EXEC;

export const memfdCreate = syscall({
  name: "memfd_create",
  args: [arg.path, arg.flags(MFD, "MFD_")],
  support: { partial: "no huge pages" },
  run(task, nameAt, flags) {
    if (flags & ~KNOWN) return EINVAL;
    if (flags & MFD.EXEC && flags & MFD.NOEXEC_SEAL) return EINVAL;
    const name = readName(task, nameAt);
    if (name instanceof Errno) return name;
    const mount = task.kernel.get(hidden);
    const { fsuid: uid, fsgid: gid } = credentialsOf(task.process);
    const permissions = flags & MFD.NOEXEC_SEAL ? 0o666 : 0o777;
    const inode = new SealedFile(mount.fs as RamFileSystem, { mode: S.IFREG | permissions, uid, gid });
    inode.links = 0;
    inode.opened();
    inode.seals = initialSeals(flags);
    const dentry = new Dentry(mount.root, name, inode);
    const file = new MemoryFile(task.process, { mount, dentry }, O.RDWR | O.LARGEFILE);
    return installFd(task.process, file, flags & MFD.CLOEXEC ? O.CLOEXEC : 0);
  },
});

function initialSeals(flags: number): number {
  if (flags & MFD.NOEXEC_SEAL) return SEAL.EXEC;
  return flags & MFD.ALLOW_SEALING ? 0 : SEAL.SEAL;
}

function readName(task: Task, at: number): Result<ByteString> {
  const name = task.mm.readCString(at, NAME_MAX - PREFIX_LENGTH + 1);
  if (!(name instanceof Errno)) return name;
  return name.name === "ENAMETOOLONG" ? EINVAL : EFAULT;
}

export const sealCommands: readonly FcntlCommand[] = [
  { command: F.GET_SEALS, run: (_task, file) => sealedInode(file)?.seals ?? EINVAL },
  { command: F.ADD_SEALS, run: addSeals },
];

// Order of checks: memfd_add_seals().
function addSeals(_task: Task, file: OpenFile, seals: number): Answer {
  if (!file.writable) return EPERM;
  if (seals & ~(SEAL.SEAL | SEAL.SHRINK | SEAL.GROW | SEAL.WRITE | SEAL.FUTURE_WRITE | SEAL.EXEC)) return EINVAL;
  const inode = sealedInode(file);
  if (inode === undefined) return EINVAL;
  if (inode.seals & SEAL.SEAL) return EPERM;
  if (seals & SEAL.WRITE && !(inode.seals & SEAL.WRITE) && file instanceof MemoryFile && file.mayBeMapped) return EBUSY;
  inode.seals |= seals;
  return 0;
}
