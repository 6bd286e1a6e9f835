import type { Result } from "../../abi/errno.ts";
import { SHM_MODE } from "../../abi/ipc.ts";
import { makeDevice } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import { FileViews, type MappableFile } from "../../kernel/mm/mappable.ts";
import { pageUp } from "../../kernel/mm/mapping.ts";
import { SharedAnonymous } from "../../kernel/mm/shared-anonymous.ts";
import type { Process } from "../../kernel/process.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import { Identifiers } from "./identifiers.ts";
import { IpcObject, secondsNow } from "./ipc-object.ts";

/** Of nothing else, so that device and inode name a segment. */
const DEVICE = makeDevice(0, 2);

/** Shared memory that stays although nobody is attached to it: a file to the address spaces that show it. (struct shmid_kernel) */
export class Segment extends IpcObject implements MappableFile {
  readonly name: ByteString;
  readonly device = DEVICE;
  readonly views = new FileViews();
  readonly isAnonymous = true;
  readonly outlivesViews = true;
  /** Whole pages: what lies behind its end in the last one is shared too. */
  readonly size: number;
  /** Bytes, as its maker asked for. */
  readonly length: number;
  readonly makerPid: number;
  /** Who attached or detached it last; 0 if nobody did. */
  lastPid = 0;
  attachedAt = 0;
  detachedAt = 0;
  /** Whose locked memory it counts as (SHM_LOCK). */
  lockedBy: number | undefined;
  private readonly pages: SharedAnonymous;

  constructor(maker: Process, key: number, flags: number, length: number) {
    super(maker, key, flags);
    this.name = `/SYSV${(key >>> 0).toString(16).padStart(8, "0")} (deleted)` as ByteString;
    this.length = length;
    this.size = pageUp(length);
    this.makerPid = maker.pid;
    this.pages = new SharedAnonymous(this.size);
  }

  /** What /proc/PID/maps shows of it. */
  get inode(): number {
    return this.id;
  }

  /** How many mappings there are of it, in all address spaces. */
  get attachments(): number {
    let count = 0;
    for (const { mappings } of this.views) count += mappings;
    return count;
  }

  read(offset: number, into: Uint8Array): Result<number> {
    return this.pages.read(offset, into);
  }

  write(offset: number, from: Uint8Array): Result<number> {
    return this.pages.write(offset, from);
  }

  contentKey(): undefined {
    return undefined;
  }

  /** An address space begins to show it: by shmat(2) or fork(2). (shm_open) */
  hold(): true {
    this.attachedAt = secondsNow(this.kernel);
    this.noteUser(this.kernel.current?.process);
    return true;
  }

  /** An address space shows it no more. (shm_close) */
  drop(): void {
    this.noteDetached(this.kernel.current?.process);
    if ((this.mode & SHM_MODE.DEST) !== 0) this.destroyIfUnused();
  }

  noteDetached(by: Process | undefined): void {
    this.detachedAt = secondsNow(this.kernel);
    this.noteUser(by);
  }

  /** IPC_RMID: the segment is gone, or will be when the last one has detached it. (do_shm_rmid) */
  destroy(): void {
    this.mode |= SHM_MODE.DEST;
    this.kernel.get(segments).removeKey(this);
    this.destroyIfUnused();
  }

  override release(): void {}

  private destroyIfUnused(): void {
    if (this.views.size === 0) this.kernel.get(segments).remove(this);
  }

  private noteUser(user: Process | undefined): void {
    this.lastPid = user?.pid ?? this.lastPid;
  }
}

export const segments = perKernel(() => new Identifiers<Segment>());
