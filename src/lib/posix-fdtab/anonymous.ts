/** Files that no path leads to: pipes, events, the host's streams. */
import { makeDevice } from "../../abi/stat.ts";
import type { Timespec } from "../../abi/types.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import type { Attributes } from "./attributes.ts";

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
