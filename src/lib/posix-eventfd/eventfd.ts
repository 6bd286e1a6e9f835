/** eventfd2(2): a counter that is waited for. (fs/eventfd.c) */
import { EAGAIN, EINVAL } from "../../abi/errno.ts";
import { EFD } from "../../abi/eventfd.ts";
import { O } from "../../abi/fcntl.ts";
import { POLL, POLL_READABLE, POLL_WRITABLE } from "../../abi/poll.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { AnonymousFile, installFd } from "../posix-fdtab/index.ts";

const MAX = 0xffff_ffff_ffff_fffen;

class EventFile extends AnonymousFile {
  private count: bigint;
  private readonly semaphore: boolean;

  constructor(kernel: Kernel, flags: number, count: number, semaphore: boolean) {
    super(kernel, flags, "eventfd");
    this.count = BigInt(count);
    this.semaphore = semaphore;
  }

  /** Takes the count, or 1 of a semaphore: 8 bytes, no fewer. */
  override read(_task: Task, into: Uint8Array): Answer {
    if (into.length < 8) return EINVAL;
    if (this.count === 0n) return EAGAIN;
    const taken = this.semaphore ? 1n : this.count;
    this.count -= taken;
    new DataView(into.buffer, into.byteOffset, 8).setBigUint64(0, taken, true);
    this.readiness.wake();
    return 8;
  }

  /** Adds to the count, 8 bytes and no more; waits while that would overflow. */
  override write(_task: Task, from: Uint8Array): Answer {
    if (from.length !== 8) return EINVAL;
    const added = new DataView(from.buffer, from.byteOffset, 8).getBigUint64(0, true);
    if (added > MAX) return EINVAL;
    if (this.count + added > MAX) return EAGAIN;
    this.count += added;
    this.readiness.wake();
    return 8;
  }

  override poll(): number {
    return (this.count > 0n ? POLL_READABLE & ~POLL.RDNORM : 0) | (this.count < MAX ? POLL_WRITABLE & ~POLL.WRNORM : 0);
  }
}

export const eventfd2 = syscall({
  name: "eventfd2",
  args: [arg.u32, arg.flags(EFD, "EFD_")],
  support: "full",
  run({ process, kernel }, count, flags) {
    if (flags & ~(EFD.SEMAPHORE | EFD.CLOEXEC | EFD.NONBLOCK)) return EINVAL;
    const semaphore = (flags & EFD.SEMAPHORE) !== 0;
    return installFd(process, new EventFile(kernel, flags & O.NONBLOCK, count, semaphore), flags);
  },
});
