/** Files that no path leads to: pipes, events, the host's streams. */

import { O } from "../../abi/fcntl.ts";
import { makeDevice, S } from "../../abi/stat.ts";
import type { Timespec } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import type { AttributeChanges, Attributes } from "./attributes.ts";
import { OpenFile } from "./open-file.ts";

/** st_dev of all of them. */
const ANONYMOUS_DEVICE = makeDevice(0, 1);

const inodes = perKernel(() => ({ next: 1 }));

/** An inode that no path leads to: what stat(2) tells of it, and fchmod(2), fchown(2) and futimens(3) change. */
export class AnonymousInode {
  readonly number: number;
  private readonly kernel: Kernel;
  private current: Attributes;

  constructor(kernel: Kernel, mode: number, rdev = 0) {
    this.kernel = kernel;
    this.number = kernel.get(inodes).next++;
    const made = this.now();
    this.current = {
      device: ANONYMOUS_DEVICE,
      inode: this.number,
      mode,
      links: 1,
      uid: 0,
      gid: 0,
      rdev,
      size: 0,
      blockSize: 4096,
      blocks: 0,
      atime: made,
      mtime: made,
      ctime: made,
    };
  }

  get attributes(): Attributes {
    return this.current;
  }

  get type(): number {
    return this.current.mode & S.IFMT;
  }

  change({ mode, ...others }: AttributeChanges): 0 {
    const changed = mode === undefined ? this.current.mode : this.type | mode;
    this.current = { ...this.current, ...others, mode: changed, ctime: this.now() };
    return 0;
  }

  private now(): Timespec {
    const { seconds, nanoseconds } = this.kernel.host.clock.realtime();
    return { seconds, nanoseconds };
  }
}

/** A file that is none of the types that stat(2) knows: an event counter, a timer, an epoll set (fs/anon_inodes.c). */
export abstract class AnonymousFile extends OpenFile {
  private readonly inode: AnonymousInode;
  private readonly kind: string;

  constructor(kernel: Kernel, flags: number, kind: string) {
    super(O.RDWR | flags);
    this.kind = kind;
    this.inode = new AnonymousInode(kernel, 0o600);
  }

  override get type(): number {
    return 0;
  }

  // There is a position, and it stays 0 (noop_llseek); pread(2) is refused all the same.
  override seek(): number {
    return 0;
  }

  override attributes(): Attributes {
    return this.inode.attributes;
  }

  override describe(): ByteString {
    return `anon_inode:[${this.kind}]` as ByteString;
  }
}
