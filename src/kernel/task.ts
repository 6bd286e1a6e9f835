import type { Tid } from "../abi/types.ts";
import { HART } from "../machine/hart.ts";
import type { AddressSpace } from "./mm/address-space.ts";
import type { Kernel } from "./kernel.ts";
import type { Process } from "./process.ts";
import { Slots, type Slot } from "./slots.ts";

/** A thread of a process: what the scheduler runs. Its registers lie in page 0 of its address space while it runs. */
export class Task {
  readonly tid: Tid;
  readonly process: Process;
  private readonly slots: Slots<Task>;

  /**
   * What a sleep must not lose: plain data that its declaration's `restart` goes on from, also when the generator that
   * slept was thrown away.
   */
  restart: unknown;

  /** Set when something waits to be done before the task returns to the guest, such as a signal. See `beforeReturn`. */
  workPending = false;

  /** The system call being handled: its number, and a0 before it was overwritten. -1 outside of one. */
  syscall = { number: -1, argument0: 0n };

  constructor(tid: Tid, process: Process) {
    this.tid = tid;
    this.process = process;
    this.slots = new Slots<Task>(this);
  }

  get kernel(): Kernel {
    return this.process.kernel;
  }

  get mm(): AddressSpace {
    return this.process.mm;
  }

  get<T>(slot: Slot<Task, T>): T {
    return this.slots.get(slot);
  }

  /** Releases what libraries keep for the task. */
  exitSlots(): void {
    this.slots.exit();
  }

  /** Reads an integer register; the task must be the one whose registers are in page 0. */
  x(index: number): bigint {
    return BigInt.asUintN(64, this.mm.memory.i64[HART.x / 8 + index]!);
  }

  setX(index: number, value: bigint): void {
    this.mm.memory.i64[HART.x / 8 + index] = value;
  }

  get pc(): number {
    return Number(BigInt.asUintN(64, this.mm.memory.i64[HART.pc / 8]!));
  }

  set pc(value: number) {
    this.mm.memory.i64[HART.pc / 8] = BigInt(value);
  }
}
