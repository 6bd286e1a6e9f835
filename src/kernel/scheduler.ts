import type { Instant } from "../abi/types.ts";
import { EXIT } from "../machine/hart.ts";
import { faultOf, resolveFault } from "./fault.ts";
import { beforeReturn, type Fault, onFault } from "./hooks.ts";
import type { Kernel } from "./kernel.ts";
import { Preemption } from "./preemption.ts";
import { Sleepers } from "./sleeping.ts";
import type { Task } from "./task.ts";
import { type Timer, Timers } from "./timers.ts";
import { type Answer, isBlocking, type Wait } from "./wait.ts";

/** A slice: how long guests run before the host's event loop has its turn. */
const SLICE_NS = 10e6;

/** Instructions between polls under poll mode `fuel`: some milliseconds of translated code. */
const FUEL = 4_000_000;

/** A bug in the kernel or a library: it ended its machine, and nothing else. */
export interface MachineFault {
  readonly message: string;
  readonly cause: unknown;
}

/**
 * Chooses which task runs, and until when: round robin among those that can, one at a time.
 *
 * It is asynchronous at the top only. Within a slice guests run, sleep and wake synchronously; the host's event loop has
 * its turn when the slice is over, or when everybody sleeps.
 */
export class Scheduler {
  private readonly kernel: Kernel;
  private readonly sleepers: Sleepers;
  private readonly timers = new Timers();
  private readonly preemption: Preemption;
  /** In the order in which they have their turn. */
  private readonly runnable = new Set<Task>();
  /** What must not be done while an engine's frames are on the stack. */
  private readonly postponed: (() => void)[] = [];
  private failure: MachineFault | undefined;
  private kick: (() => void) | undefined;
  private sliceEnd = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.sleepers = new Sleepers(kernel, (task) => this.makeRunnable(task));
    this.preemption = new Preemption(kernel);
  }

  /** Whether no task can run and none sleeps. */
  get idle(): boolean {
    return this.runnable.size === 0 && this.sleepers.size === 0;
  }

  /** The bug that ended the machine, if one did. */
  get fault(): MachineFault | undefined {
    return this.failure;
  }

  makeRunnable(task: Task): void {
    if (task.dead) return;
    this.runnable.add(task);
    this.wakeLoop();
  }

  /** What a task sleeps for; undefined if it runs or can run. */
  waitOf(task: Task): Wait | undefined {
    return this.sleepers.waitOf(task);
  }

  /** Ends an interruptible sleep with the reason "signal". */
  interrupt(task: Task): void {
    this.sleepers.interrupt(task);
  }

  /** Forgets a task that has ended. */
  remove(task: Task): void {
    this.sleepers.drop(task);
    this.runnable.delete(task);
    this.wakeLoop();
  }

  at(when: Instant, call: () => void): Timer {
    const timer = this.timers.add(when, call);
    this.preemption.shorten(when);
    return timer;
  }

  /** Takes an answer that is not a plain number: see {@link Sleepers.answered}. */
  answered(task: Task, answer: Answer): boolean {
    return this.sleepers.answered(task, answer);
  }

  /** Does something once no guest code is on the stack: at once, or when the running engine has been left. */
  atSafepoint(call: () => void): void {
    this.postponed.push(call);
  }

  /** Records a bug: the machine ends with it at the next safepoint. */
  fail(cause: unknown): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    this.failure ??= { message, cause };
    this.wakeLoop();
  }

  /** Runs until no process is left. Answers the bug that ended the machine, if one did. */
  async run(): Promise<MachineFault | undefined> {
    const { clock } = this.kernel.host;
    while (this.failure === undefined && this.kernel.busy) {
      this.slice();
      this.settle();
      if (this.failure !== undefined || !this.kernel.busy) break;
      if (this.runnable.size > 0) await new Promise<void>((turn) => clock.after(0, turn));
      else await this.sleepUntilWoken();
    }
    if (this.failure !== undefined) this.kernel.stop();
    this.settle();
    return this.failure;
  }

  /**
   * Lets a task go on up to the point where guest code would run: the rest of its system call, then what waits to be done
   * before the return. Returns false if it sleeps or has ended.
   */
  resume(task: Task): boolean {
    this.kernel.enter(task);
    return this.sleepers.resume(task) && this.prepareReturn(task);
  }

  /** Takes the task that has waited longest for its turn. */
  take(): Task | undefined {
    for (const task of this.runnable) {
      this.runnable.delete(task);
      return task;
    }
    return undefined;
  }

  runTimers(): void {
    this.timers.run(this.kernel.now());
  }

  /** When the next timer is due. */
  nextTimer(): Instant | undefined {
    return this.timers.next();
  }

  /** Does what was postponed. No engine may be running. */
  settle(): void {
    for (let call = this.postponed.shift(); call !== undefined; call = this.postponed.shift()) call();
  }

  private slice(): void {
    this.sliceEnd = this.kernel.now() + SLICE_NS;
    try {
      for (this.runTimers(); this.failure === undefined; this.runTimers()) {
        const task = this.take();
        if (task === undefined) break;
        this.runTask(task);
        if (this.kernel.now() >= this.sliceEnd) break;
      }
    } catch (cause) {
      this.fail(cause);
    } finally {
      this.kernel.current = undefined;
      this.preemption.disarm();
    }
  }

  private runTask(task: Task): void {
    task.setRunning(true);
    try {
      if (this.resume(task)) this.runGuest(task);
    } finally {
      task.setRunning(false);
      this.settle();
      this.kernel.checkCpuLimit(task.process);
    }
  }

  /** Runs guest code until the task sleeps, ends, or its turn is over. */
  private runGuest(task: Task): void {
    for (;;) {
      const { mm } = task;
      this.settle();
      mm.settlePolicy();
      this.preemption.arm(mm.memory, Math.min(this.sliceEnd, this.timers.next() ?? Number.POSITIVE_INFINITY));
      const reason = mm.space.run(FUEL);
      if (this.failure !== undefined) return;
      if (reason === EXIT.POLL) {
        this.preemption.polled(mm.memory);
        this.runTimers();
        if (!task.dead && this.turnIsOver()) {
          this.makeRunnable(task);
          return;
        }
      } else if (reason !== EXIT.SYSCALL && !resolveFault(task, reason)) {
        this.raise(task, faultOf(task, reason));
      }
      if (task.dead || this.sleepers.has(task) || !this.prepareReturn(task)) return;
    }
  }

  private turnIsOver(): boolean {
    return this.runnable.size > 0 || this.kernel.now() >= this.sliceEnd;
  }

  /** Does what waits to be done before guest code runs. Returns false if the task sleeps or has ended. */
  private prepareReturn(task: Task): boolean {
    const hooks = this.kernel.extensions(beforeReturn);
    while (task.workPending && !task.dead) {
      task.workPending = false;
      task.signalPending = false;
      let slept = false;
      for (const hook of hooks) {
        const answer = hook(task);
        if (task.dead) return false;
        if (answer === undefined || !isBlocking(answer)) continue;
        if (!this.sleepers.workAnswered(task, answer)) return false;
        slept = true;
      }
      if (slept) task.workPending = true;
      else if (task.interruption !== undefined) task.restartCall();
    }
    return !task.dead;
  }

  /** Turns a fault into a signal, or ends the process with it. */
  private raise(task: Task, fault: Fault): void {
    task.syscall.number = -1;
    const hooks = fault.pc === undefined ? [] : this.kernel.extensions(onFault);
    if (hooks.some((hook) => hook(task, fault))) task.workPending = true;
    else this.kernel.exitProcess(task.process, { kind: "signaled", signal: fault.signal, core: false });
  }

  private async sleepUntilWoken(): Promise<void> {
    const next = this.timers.next() ?? Number.POSITIVE_INFINITY;
    let cancel = (): void => {};
    await new Promise<void>((wake) => {
      this.kick = wake;
      cancel = this.kernel.host.clock.after(Math.max(0, next - this.kernel.now()), wake);
    });
    this.kick = undefined;
    cancel();
  }

  private wakeLoop(): void {
    this.kick?.();
  }
}
