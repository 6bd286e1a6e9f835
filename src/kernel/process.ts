import type { Pid } from "../abi/types.ts";
import type { ByteString } from "../base/bytes.ts";
import type { Kernel } from "./kernel.ts";
import type { AddressSpace } from "./mm/address-space.ts";
import { Slots, type Slot } from "./slots.ts";
import type { Task } from "./task.ts";

/** How a process ended, as wait(2) reports it. */
export type ExitStatus = { readonly kind: "exited"; readonly code: number } | { readonly kind: "signaled"; readonly signal: number; readonly core: boolean };

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
  private readonly slots: Slots<Process>;

  constructor(kernel: Kernel, pid: Pid, mm: AddressSpace) {
    this.kernel = kernel;
    this.pid = pid;
    this.mm = mm;
    this.slots = new Slots<Process>(this);
  }

  get<T>(slot: Slot<Process, T>): T {
    return this.slots.get(slot);
  }

  /** Applies each library's rule for execve(2). */
  execSlots(): void {
    this.slots.exec();
  }

  exitSlots(): void {
    this.slots.exit();
  }
}
