import * as errnos from "../../abi/errno.ts";
import { PROT } from "../../abi/mman.ts";
import { SYSCALL_NUMBERS, type SyscallName } from "../../abi/riscv64/syscalls.ts";
import type { Tid } from "../../abi/types.ts";
import { type ByteString, bytesOf } from "../../base/bytes.ts";
import { onProcessStart } from "../../kernel/hooks.ts";
import type { HostFolder, HostVolume } from "../../kernel/host.ts";
import { Kernel, type KernelLimits, type KernelOptions, type Program } from "../../kernel/kernel.ts";
import type { Library } from "../../kernel/library.ts";
import type { Process } from "../../kernel/process.ts";
import type { Task } from "../../kernel/task.ts";
import { HART } from "../../machine/hart.ts";
import { VirtualClock } from "./clock.ts";
import { TestConsole } from "./console.ts";
import { ScriptedEngine, type ScriptedSpace } from "./engine.ts";
import { SeededEntropy } from "./entropy.ts";

export interface TestKernelOptions {
  readonly limits?: Partial<KernelLimits>;
  readonly options?: KernelOptions;
  readonly files?: readonly HostFolder[];
  readonly volumes?: readonly HostVolume[];
}

/** A system call that was started: its result once there is one. */
export interface StartedCall {
  /** What a0 holds: a number, or an errno's name. Undefined while the call sleeps, and if a signal handler was entered. */
  readonly result: number | string | undefined;
  /** Whether the task goes on elsewhere than behind the call: in a signal handler, or nowhere because it has ended. */
  readonly diverted: boolean;
}

/** Where tasks of a test pretend to make their calls. */
const ECALL_AT = 0x1_0000;
const ECALL_BYTES = 4;
const SCRATCH_BYTES = 1 << 20;
const A0 = 10;
const A7 = 17;

/**
 * A kernel whose tasks make system calls at a test's command: no guest code, a clock that stands still, seeded entropy,
 * a console in memory.
 */
export class TestKernel {
  readonly kernel: Kernel;
  readonly clock = new VirtualClock();
  readonly console = new TestConsole();
  readonly engine = new ScriptedEngine();
  private readonly calls = new Map<Task, Call>();
  private readonly scratch = new Map<Process, number>();

  constructor(libraries: readonly Library[], { limits, options, files, volumes }: TestKernelOptions = {}) {
    this.kernel = Kernel.boot({
      libraries,
      engine: this.engine,
      limits: limits ?? {},
      options: options ?? {},
      host: {
        clock: this.clock,
        entropy: new SeededEntropy(1),
        console: this.console,
        machine: { memoryBytes: 0x1_0000_0000, processors: 1 },
        ...(files === undefined ? {} : { files }),
        ...(volumes === undefined ? {} : { volumes }),
      },
    });
  }

  /** Makes a process with some memory to pass arguments in; answers its only task. */
  process(program: Partial<Program> = {}): Task {
    const process = this.kernel.createProcess();
    const whole: Program = { path: "/test" as ByteString, argv: [], env: [], ...program };
    for (const hook of this.kernel.extensions(onProcessStart)) hook(process, whole);
    const task = this.kernel.createTask(process, process.pid as number as Tid);
    task.mm.adopt(task);
    return task;
  }

  /** Makes another thread of a task's process. */
  thread(task: Task): Task {
    return this.kernel.createTask(task.process, this.kernel.ids.next() as Tid);
  }

  /** Maps fresh memory and answers its address. */
  map(task: Task, length: number, prot: number = PROT.READ | PROT.WRITE): number {
    const at = task.mm.map({ address: 0, length, prot, kind: "hint", backing: "anonymous", shared: false });
    if (typeof at !== "number") throw new Error(`no memory for the test: ${at}`);
    return at;
  }

  /** Reserves scratch memory, zeroed and aligned to 16 bytes. */
  reserve(task: Task, length: number): number {
    const { process } = task;
    const at = this.scratch.get(process) ?? this.map(task, SCRATCH_BYTES);
    this.scratch.set(process, at + Math.ceil(length / 16) * 16);
    return at;
  }

  /** Puts bytes into scratch memory and answers where. */
  bytes(task: Task, bytes: Uint8Array): number {
    const at = this.reserve(task, bytes.length);
    task.mm.write(at, bytes);
    return at;
  }

  /** Puts a NUL-terminated string into scratch memory and answers where. */
  string(task: Task, text: string): number {
    return this.bytes(task, bytesOf(`${text}\0` as ByteString));
  }

  /** Makes a system call that must not sleep. */
  call(task: Task, name: SyscallName, ...args: readonly (number | bigint)[]): number | string {
    const { result, diverted } = this.start(task, name, ...args);
    if (diverted) return "diverted";
    if (result === undefined) throw new Error(`${name} sleeps`);
    return result;
  }

  /** Makes a system call that may sleep. */
  start(task: Task, name: SyscallName, ...args: readonly (number | bigint)[]): StartedCall {
    const call = new Call();
    this.calls.set(task, call);
    this.kernel.enter(task);
    for (const [i, value] of args.entries()) task.setX(A0 + i, BigInt(value));
    task.setX(A7, BigInt(SYSCALL_NUMBERS[name]));
    task.pc = ECALL_AT;
    this.goOn(task, true);
    this.settle();
    return call;
  }

  /** Lets time pass, and whatever becomes due happen. */
  advance(ns: number): void {
    const end = this.clock.monotonicNs() + ns;
    for (;;) {
      const next = this.kernel.scheduler.nextTimer();
      const now = this.clock.monotonicNs();
      const step = next === undefined ? end - now : Math.min(end - now, Math.max(0, next - this.kernel.now()));
      this.clock.advance(step);
      this.kernel.scheduler.runTimers();
      this.settle();
      if (this.clock.monotonicNs() >= end && (next === undefined || next > this.kernel.now() || step === 0)) return;
    }
  }

  /** Lets every task that was woken finish its call. */
  settle(): void {
    const { scheduler } = this.kernel;
    for (let task = scheduler.take(); task !== undefined; task = scheduler.take()) {
      if (scheduler.resume(task)) this.goOn(task, false);
    }
    this.kernel.current = undefined;
    scheduler.settle();
    if (scheduler.fault !== undefined) throw scheduler.fault.cause;
  }

  /** Fails unless every task of the kernel is at rest and nothing waits for a timer. */
  assertIdle(): void {
    const sleeping = [...this.calls].filter(
      ([task, call]) => !task.dead && call.result === undefined && !call.diverted,
    );
    if (sleeping.length > 0) throw new Error(`${sleeping.length} calls still sleep`);
    if (!this.kernel.scheduler.idle) throw new Error("a task is still to be run");
    if (this.kernel.scheduler.nextTimer() !== undefined) throw new Error("a timer is still set");
  }

  /** Carries a task to where guest code would run: behind its call, or to a handler; a restarted call is made again. */
  private goOn(task: Task, entering: boolean): void {
    let makeCall = entering;
    do {
      if (makeCall && !this.makeCall(task)) return;
      makeCall = !task.dead && task.pc === ECALL_AT;
    } while (makeCall);
    const call = this.calls.get(task);
    if (!task.dead && task.pc === ECALL_AT + ECALL_BYTES) call?.finish(resultOf(task));
    else call?.divert();
  }

  /** Makes the call that the registers hold. Returns false if the task sleeps in it. */
  private makeCall(task: Task): boolean {
    const { scheduler } = this.kernel;
    task.pc += ECALL_BYTES;
    (task.mm.space as ScriptedSpace).handler.syscall();
    if (scheduler.fault !== undefined) throw scheduler.fault.cause;
    return task.dead || scheduler.resume(task) || task.dead;
  }
}

class Call implements StartedCall {
  result: number | string | undefined;
  diverted = false;

  finish(result: number | string): void {
    this.result = result;
  }

  divert(): void {
    this.diverted = true;
  }
}

/** Linux's errnos take the last page of values. */
const MAX_ERRNO = 4095;

function resultOf(task: Task): number | string {
  const value = Number(BigInt.asIntN(64, task.mm.memory.i64[HART.x / 8 + A0]!));
  return value < 0 && value >= -MAX_ERRNO ? errnoName(-value) : value;
}

function errnoName(code: number): string {
  for (const value of Object.values(errnos))
    if (value instanceof errnos.Errno && value.code === code) return value.name;
  return `errno ${code}`;
}
