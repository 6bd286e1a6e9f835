import type { Pid } from "../abi/types.ts";
import type { ByteString } from "../base/bytes.ts";
import { CpuClock } from "./cpu-clock.ts";
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
  /** The thread that has the process's id, also when it has ended before the others. */
  leader: Task | undefined;
  /** Processor time of its tasks up to the last change of hands; see {@link cpuNs}. */
  readonly cpuClock = new CpuClock();
  /** The first 15 bytes of the executable's name, or what its leader was named since. */
  name = "" as ByteString;
  /** What /proc/self/exe names. */
  executable = "" as ByteString;
  /** Set once it has ended; it may then still be there as a zombie, until its parent has waited for it. */
  exitStatus: ExitStatus | undefined;
  /** Resolves when the process has ended. */
  readonly exited: Promise<ExitStatus>;
  private readonly settle: (status: ExitStatus) => void;
  private readonly slots: Slots<Process>;

  /**
   * @param mm - the address space to use; default a new one.
   * @param template - what a new one is to be a copy of.
   */
  constructor(kernel: Kernel, pid: Pid, mm?: AddressSpace, template?: AddressSpace) {
    this.kernel = kernel;
    this.pid = pid;
    this.slots = new Slots<Process>(this);
    this.mm = mm ?? kernel.createAddressSpace(this, template);
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
    return this.cpuClock.counted + this.kernel.scheduler.runningNs(this);
  }

  /** Whether all its threads have ended. */
  get ended(): boolean {
    return this.exitStatus !== undefined;
  }

  /** Fills the slots from a parent's, by each library's rule for fork(2). */
  forkSlots(parent: Process): void {
    this.slots.forkFrom(parent.slots);
  }

  /** Makes a slot's value the same as another process's: CLONE_FILES and its like. */
  shareSlot<T extends object>(slot: Slot<Process, T>, other: Process): void {
    this.slots.share(slot, other.slots);
  }

  /** Whether another process has the same value. */
  isSlotShared<T extends object>(slot: Slot<Process, T>): boolean {
    return this.slots.isShared(slot);
  }

  /** Gives the process a value of its own where it shared one. */
  unshareSlot<T extends object>(slot: Slot<Process, T>): void {
    this.slots.unshare(slot);
  }

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
