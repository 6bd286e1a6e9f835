/** The file system whose files are message queues (mq_overview(7), "Mounting the message queue filesystem"). */
import { CAP } from "../../abi/capability.ts";
import { EINVAL, EMFILE, ENOSPC, EPERM, Errno, type Result } from "../../abi/errno.ts";
import { MQ_LIMIT } from "../../abi/mqueue.ts";
import { RLIMIT } from "../../abi/resource.ts";
import type { Statfs } from "../../abi/riscv64/stat.ts";
import { FS_MAGIC, S } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Process } from "../../kernel/process.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import { RamDirectory, RamFileSystem } from "../fs-ram/index.ts";
import { softLimit } from "../posix-process/index.ts";
import { credentialsOf, hasCapability } from "../posix-user/index.ts";
import { Mount, type NewNode } from "../vfs/index.ts";
import { footprint, Queue, type QueueSize } from "./queue.ts";

const DEFAULT_SIZE: QueueSize = { maxMessages: MQ_LIMIT.MESSAGES, messageSize: MQ_LIMIT.MESSAGE_SIZE };

export class QueueFileSystem extends RamFileSystem {
  override readonly root: QueueDirectory;
  /** Those without a name too, as long as they are open. */
  private readonly queues = new Set<Queue>();
  private readonly limitBytes: number;
  private readonly current: () => Process | undefined;

  constructor(kernel: Kernel) {
    super(kernel, { type: "mqueue" });
    this.root = new QueueDirectory(this, { mode: S.IFDIR | S.ISVTX | S.RWX, uid: 0, gid: 0 });
    this.limitBytes = kernel.limits.memoryBytes;
    this.current = () => kernel.current?.process;
  }

  /** mqueue_create_attr and mqueue_get_inode: by the limits of the process that asks. */
  make(node: NewNode, size: QueueSize = DEFAULT_SIZE, process = this.current()): Result<Queue> {
    if (process === undefined || (node.mode & S.IFMT) !== S.IFREG) return EPERM;
    const mayExceed = hasCapability(process, CAP.SYS_RESOURCE);
    if (this.queues.size >= MQ_LIMIT.QUEUES && !mayExceed) return ENOSPC;
    const { maxMessages, messageSize } = size;
    if (maxMessages <= 0 || messageSize <= 0) return EINVAL;
    if (maxMessages > (mayExceed ? MQ_LIMIT.HARD_MESSAGES : MQ_LIMIT.MESSAGES)) return EINVAL;
    if (messageSize > (mayExceed ? MQ_LIMIT.HARD_MESSAGE_SIZE : MQ_LIMIT.MESSAGE_SIZE)) return EINVAL;
    const { uid } = credentialsOf(process);
    const limit = Math.min(softLimit(process, RLIMIT.MSGQUEUE), this.limitBytes);
    if (this.bytesOf(uid) + footprint(size) > limit) return EMFILE;
    const made = new Queue(this, node, uid, size);
    this.queues.add(made);
    return made;
  }

  forget(queue: Queue): void {
    this.queues.delete(queue);
  }

  override statfs(): Statfs {
    const nothing = { blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0 };
    return { ...super.statfs(), ...nothing, type: FS_MAGIC.MQUEUE };
  }

  private bytesOf(uid: number): number {
    let sum = 0;
    for (const queue of this.queues) if (queue.user === uid) sum += footprint(queue);
    return sum;
  }
}

class QueueDirectory extends RamDirectory {
  private readonly queues: QueueFileSystem;

  constructor(fs: QueueFileSystem, node: NewNode) {
    super(fs, node);
    this.queues = fs;
  }

  override make(name: ByteString, node: NewNode): Result<Queue> {
    return this.put(name, this.queues.make(node));
  }

  /** Gives a queue that could be made a name that is free. */
  put(name: ByteString, made: Result<Queue>): Result<Queue> {
    if (made instanceof Errno) return made;
    this.add(name, made);
    this.touch();
    return made;
  }

  override makeUnnamed(): Errno {
    return EPERM;
  }

  override link(): Errno {
    return EPERM;
  }

  override rename(): Errno {
    return EPERM;
  }
}

/** All queues of a machine. mq_open(2) finds them at a mount that is in no process's tree. */
export const queueMount = perKernel((kernel) => new Mount(new QueueFileSystem(kernel), 0, undefined));
