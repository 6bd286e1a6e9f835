import type { Pid } from "../abi/types.ts";
import type { ByteString } from "../base/bytes.ts";
import type { Kernel } from "./kernel.ts";
import type { AddressSpace } from "./mm/address-space.ts";
import { type Slot, Slots } from "./slots.ts";
import type { Task } from "./task.ts";

/** How a process ended, as wait(2) reports it. */
export type ExitStatus =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signaled"; readonly signal: number; readonly core: boolean };

/** A program in execution: an address space, its tasks, and what libraries keep for it. */
export class Process {
  readonly pid: Pid;
  readonly kernel: Kernel;
  /** Replaced when the process executes another program. */
  mm: AddressSpace;
  readonly tasks = new Set<Task>();
  /** The first 15 bytes of the executable's name, or what prctl(PR_SET_NAME) set. */
  name = "" as ByteString;
  /** What /proc/self/exe names. */
  executable = "" as ByteString;
  exitStatus: ExitStatus | undefined;
  /** Resolves when the process has ended. */
  readonly exited: Promise<ExitStatus>;
  private readonly settle: (status: ExitStatus) => void;
  private readonly slots: Slots<Process>;

  constructor(kernel: Kernel, pid: Pid) {
    this.kernel = kernel;
    this.pid = pid;
    this.slots = new Slots<Process>(this);
    this.mm = kernel.createAddressSpace(this);
    let settle: (status: ExitStatus) => void = () => {};
    this.exited = new Promise((resolve) => {
      settle = resolve;
    });
    this.settle = settle;
  }

  get<T>(slot: Slot<Process, T>): T {
    return this.slots.get(slot);
  }

  /** Nanoseconds of host time that its tasks ran, ended ones included. */
  get cpuNs(): number {
    let sum = this.endedCpuNs;
    for (const task of this.tasks) sum += task.cpuNs;
    return sum;
  }

  /** Processor time of tasks that have ended. */
  endedCpuNs = 0;

  /** Applies each library's rule for execve(2). */
  execSlots(): void {
    this.slots.exec();
  }

  /** Applies each library's rule for the end, records the status and tells who awaits {@link exited}. */
  finish(status: ExitStatus): void {
    this.exitStatus = status;
    this.slots.exit();
    this.settle(status);
  }
}
