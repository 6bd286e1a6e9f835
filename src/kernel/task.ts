import { ERESTART_RESTARTBLOCK, type Errno } from "../abi/errno.ts";
import { SYSCALL_NUMBERS } from "../abi/riscv64/syscalls.ts";
import type { Tid } from "../abi/types.ts";
import type { ByteString } from "../base/bytes.ts";
import { HART } from "../machine/hart.ts";
import type { GuestMemory } from "../machine/memory.ts";
import { CpuClock } from "./cpu-clock.ts";
import type { HartContext } from "./hart-context.ts";
import type { Kernel } from "./kernel.ts";
import type { AddressSpace } from "./mm/address-space.ts";
import type { Process } from "./process.ts";
import type { Sleep } from "./sleeping.ts";
import { type Slot, Slots } from "./slots.ts";
import { Turn } from "./turn.ts";

/** Bytes of an ecall: it has no compressed form. */
const ECALL_BYTES = 4;
const A0 = 10;
const A7 = 17;

/** A thread of a process: what the scheduler runs. Its registers lie in page 0 of its address space while it runs. */
export class Task {
  /** The process's id for its first thread. A thread that executes a program takes that over. */
  tid: Tid;
  readonly process: Process;
  /** At most 15 bytes: the process's name, its maker's, or what prctl(PR_SET_NAME) set. */
  name: ByteString;
  private readonly slots: Slots<Task>;

  /**
   * What a sleep must not lose: plain data that its declaration's `restart` goes on from, also when the generator that
   * slept was thrown away.
   */
  restart: unknown;

  /**
   * Set when something waits to be done before the task returns to the guest, such as a signal, or when the engine must be
   * left because code or registers changed. See `beforeReturn`.
   */
  workPending = false;

  /**
   * Whether a signal waits that the task does not block: then no interruptible sleep begins. Set by
   * {@link interruptSleep}; cleared before `beforeReturn`, whose provider sets it again for what is left.
   */
  signalPending = false;

  /** The system call being handled: its number, and the words of a0 before it was overwritten. -1 outside of one. */
  readonly syscall = { number: -1, argument0Low: 0, argument0High: 0 };

  /**
   * Which ERESTART* errno the interrupted call answered, while `beforeReturn` runs. Whoever decides calls
   * {@link restartCall} or {@link failCall}; if nobody does, the kernel restarts the call, as Linux does when no handler
   * is to run.
   */
  interruption: Errno | undefined;

  /** The call that restart_syscall(2) goes on with: its number and what its sleep kept. */
  restartBlock: { readonly number: number; readonly state: unknown } | undefined;

  /** Its registers while they are not in page 0 of its address space. */
  readonly registers: HartContext;

  /** What it sleeps in; for the scheduler. */
  sleep: Sleep | undefined;

  /** When it runs, and for how long. */
  readonly turn: Turn;

  /** Processor time up to its last change of hands; see {@link cpuNs}. */
  readonly cpuClock = new CpuClock();

  /** True once the task has ended; it will not run again. */
  dead = false;

  constructor(tid: Tid, process: Process, registers: HartContext) {
    this.tid = tid;
    this.process = process;
    this.registers = registers;
    this.name = process.name;
    this.turn = new Turn(this);
    this.slots = new Slots<Task>(this);
  }

  get kernel(): Kernel {
    return this.process.kernel;
  }

  get mm(): AddressSpace {
    return this.process.mm;
  }

  /** Names the thread; the leader's name is the process's. */
  rename(name: ByteString): void {
    this.name = name;
    if (this === this.process.leader) this.process.name = name;
  }

  get<T>(slot: Slot<Task, T>): T {
    return this.slots.get(slot);
  }

  /** Nanoseconds of host time during which this task's guest code and system calls ran, the present turn included. */
  get cpuNs(): number {
    return this.cpuClock.counted + this.kernel.scheduler.runningNs(this);
  }

  /** Fills the slots from another task's, by each library's rule for fork(2). */
  forkSlots(parent: Task): void {
    this.slots.forkFrom(parent.slots);
  }

  /** Applies each library's rule for execve(2). */
  execSlots(): void {
    this.slots.exec();
  }

  /** Releases what libraries keep for the task. */
  exitSlots(): void {
    this.slots.exit();
  }

  /** Tells that a signal waits which the task does not block: an interruptible sleep ends with the reason "signal". */
  interruptSleep(): void {
    this.signalPending = true;
    this.workPending = true;
    this.kernel.scheduler.sleepers.interrupt(this);
  }

  /** Makes the interrupted call be made again: its arguments are back in place and pc is on the ecall. */
  restartCall(): void {
    if (this.interruption === ERESTART_RESTARTBLOCK) {
      this.setXNumber(A7, SYSCALL_NUMBERS.restart_syscall);
    } else {
      const { i32 } = this.mm.memory;
      i32[(HART.x + 8 * A0) / 4] = this.syscall.argument0Low;
      i32[(HART.x + 8 * A0) / 4 + 1] = this.syscall.argument0High;
    }
    this.pc -= ECALL_BYTES;
    this.interruption = undefined;
  }

  /** Makes the interrupted call answer an errno, EINTR. */
  failCall(errno: Errno): void {
    this.setX(A0, BigInt(-errno.code));
    this.interruption = undefined;
  }

  /** Reads an integer register, unsigned; the task must be the one whose registers are in page 0. */
  x(index: number): bigint {
    return BigInt.asUintN(64, this.mm.memory.i64[HART.x / 8 + index]!);
  }

  setX(index: number, value: bigint): void {
    if (index !== 0) this.mm.memory.i64[HART.x / 8 + index] = value;
  }

  /** The same as a number: exact below 2^53, behind which no address can be mapped. */
  xNumber(index: number): number {
    return readNumber(this.mm.memory, HART.x + 8 * index);
  }

  /** Sets an integer register to a number that is not negative. */
  setXNumber(index: number, value: number): void {
    if (index !== 0) writeNumber(this.mm.memory, HART.x + 8 * index, value);
  }

  get pc(): number {
    return readNumber(this.mm.memory, HART.pc);
  }

  set pc(value: number) {
    writeNumber(this.mm.memory, HART.pc, value);
  }
}

const WORD = 0x1_0000_0000;

function readNumber({ u32 }: GuestMemory, at: number): number {
  return u32[at / 4 + 1]! * WORD + u32[at / 4]!;
}

function writeNumber({ u32 }: GuestMemory, at: number, value: number): void {
  u32[at / 4] = value;
  u32[at / 4 + 1] = value / WORD;
}
