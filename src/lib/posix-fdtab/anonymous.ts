/** Files that no path leads to: pipes, events, the host's streams. */

import { O } from "../../abi/fcntl.ts";
import { makeDevice } from "../../abi/stat.ts";
import type { Timespec } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import type { Attributes } from "./attributes.ts";
import { OpenFile } from "./open-file.ts";

/** st_dev of all of them. */
const ANONYMOUS_DEVICE = makeDevice(0, 1);

const inodes = perKernel(() => ({ next: 1 }));

/** An inode number that no other anonymous file of the machine has. */
export function anonymousInode(kernel: Kernel): number {
  return kernel.get(inodes).next++;
}

/** What stat(2) tells of one; it changes never. */
export function anonymousAttributes(kernel: Kernel, inode: number, mode: number, rdev = 0): Attributes {
  const { seconds, nanoseconds } = kernel.host.clock.realtime();
  const made: Timespec = { seconds, nanoseconds };
  return {
    device: ANONYMOUS_DEVICE,
    inode,
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

/** A file that is none of the types that stat(2) knows: an event counter, a timer, an epoll set (fs/anon_inodes.c). */
export abstract class AnonymousFile extends OpenFile {
  private readonly described: Attributes;
  private readonly kind: string;

  constructor(kernel: Kernel, flags: number, kind: string) {
    super(O.RDWR | flags);
    this.kind = kind;
    this.described = anonymousAttributes(kernel, anonymousInode(kernel), 0o600);
  }

  override get type(): number {
    return 0;
  }

  // There is a position, and it stays 0 (noop_llseek); pread(2) is refused all the same.
  override seek(): number {
    return 0;
  }

  override attributes(): Attributes {
    return this.described;
  }

  override describe(): ByteString {
    return `anon_inode:[${this.kind}]` as ByteString;
  }
}
