import type { Kernel } from "../../kernel/kernel.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import { WaitQueue } from "../../kernel/wait.ts";
import type { Dependent, OpenFile } from "../posix-fdtab/index.ts";
import { type LockType, RangeLocks } from "./range-locks.ts";

/** All locks of one file: by ranges, and as a whole. */
export class FileLocks implements Dependent {
  readonly ranges = new RangeLocks();
  /** flock(2): who holds the whole file, each open file at most once. */
  readonly whole = new Map<OpenFile, LockType>();
  readonly wholeReleased = new WaitQueue();

  /** An open file went away, and with it what it held. */
  fileReleased(file: OpenFile): void {
    this.ranges.release(file, 0, Number.MAX_SAFE_INTEGER);
    if (this.whole.delete(file)) this.wholeReleased.wake();
  }
}

const files = perKernel(() => new WeakMap<object, FileLocks>());

export function locksOf(kernel: Kernel, file: OpenFile): FileLocks;
export function locksOf(kernel: Kernel, file: OpenFile, which: "known"): FileLocks | undefined;
export function locksOf(kernel: Kernel, file: OpenFile, which?: "known"): FileLocks | undefined {
  const table = kernel.get(files);
  const known = table.get(file.subject);
  if (known !== undefined || which === "known") return known;
  const made = new FileLocks();
  table.set(file.subject, made);
  return made;
}

export function releaseWithFile(locks: FileLocks, file: OpenFile): void {
  file.addDependent(locks);
}
