import type { Instant } from "../abi/types.ts";
import { TRAP, type TrapAnswer } from "../machine/engine.ts";
import { EXIT } from "../machine/hart.ts";
import { faultOf, resolveFault } from "./fault.ts";
import { beforeReturn, type Fault, onFault } from "./hooks.ts";
import type { Interleaving } from "./interleaving.ts";
import type { Kernel } from "./kernel.ts";
import type { AddressSpace } from "./mm/address-space.ts";
import { Preemption } from "./preemption.ts";
import type { Process } from "./process.ts";
import { RunQueue } from "./run-queue.ts";
import { Sleepers } from "./sleeping.ts";
import type { Task } from "./task.ts";
import { type Timer, Timers } from "./timers.ts";
import type { Arrival, Share } from "./turn.ts";
import { type Blocking, isBlocking } from "./wait.ts";

/** A slice: how long guests run before the host's event loop has its turn. */
const SLICE_NS = 10e6;

/** How often a task that goes on running is looked at where there are others. */
const TICK_NS = 1e6;

/** Instructions between polls under poll mode `fuel`: some milliseconds of translated code. */
const FUEL = 4_000_000;

/** A bug in the kernel or a library: it ended its machine, and nothing else. */
export interface MachineFault {
  readonly message: string;
  readonly cause: unknown;
}

/**
 * Chooses which task runs, and until when.
 *
 * It is asynchronous at the top only. Within a slice guests run, sleep and wake synchronously; the host's event loop has
 * its turn when the slice is over, or when everybody sleeps.
 */
export class Scheduler {
  readonly sleepers: Sleepers;
  private readonly kernel: Kernel;
  private readonly timers = new Timers();
  private readonly preemption: Preemption;
  private readonly queue = new RunQueue();
  private readonly interleaving: Interleaving | undefined;
  private readonly returnHooks: readonly ((task: Task) => Blocking | undefined)[];
  /** What must not be done while an engine's frames are on the stack. */
  private readonly postponed: (() => void)[] = [];
  /** The task that is on the processor; undefined from the end of one turn to the next. */
  private running: Task | undefined;
  /** The address space whose code an engine is running. */
  private entered: AddressSpace | undefined;
  /** Up to when its time has been counted: the clock is read once for each change of tasks. */
  private time = 0 as Instant;
  /** Whether the running task has to give way: it asked for that, or a more urgent one woke up. */
  private givesWay: "interrupted" | "yielded" | undefined;
  private failure: MachineFault | undefined;
  private kick: (() => void) | undefined;
  private sliceEnd = 0;
  /** Whether there was more than one task in this slice. Children come and go faster than the host takes other instants. */
  private ticks = false;

  constructor(kernel: Kernel, bootNs: number) {
    this.kernel = kernel;
    this.sleepers = new Sleepers(kernel);
    this.preemption = new Preemption(kernel.host.clock, bootNs, kernel.limits.cpuNs !== undefined);
    this.interleaving = kernel.options.interleaving;
    this.returnHooks = kernel.extensions(beforeReturn);
  }

  /** Whether no task can run and none sleeps. */
  get idle(): boolean {
    return this.queue.size === 0 && this.sleepers.size === 0;
  }

  /** The bug that ended the machine, if one did. */
  get fault(): MachineFault | undefined {
    return this.failure;
  }

  /** Lets a task have its turn: it is new, or its sleep has ended. */
  makeRunnable(task: Task, arrival: Extract<Arrival, "new" | "woken">): void {
    if (task.dead) return;
    this.queue.add(task.turn, arrival);
    const { running } = this;
    if (running === undefined) this.wakeLoop();
    else if (this.queue.interrupts(task.turn, running.turn)) this.interruptRunning();
  }

  /** Changes how much of the processor a task is to have. */
  setShare(task: Task, share: Share): void {
    this.queue.change(task.turn, share);
    const { running } = this;
    if (running !== undefined && this.queue.isOutranked(running.turn)) this.interruptRunning();
  }

  /** Lets others that are as urgent go first, once the running task's system call is over. */
  yield(task: Task): void {
    if (!this.queue.hasEqual(task.turn)) return;
    this.givesWay = "yielded";
    task.workPending = true;
  }

  /** Nanoseconds for which a task or process runs that are not yet counted as its processor time. */
  runningNs(of: Task | Process): number {
    const { running } = this;
    return running === of || running?.process === of ? this.kernel.now() - this.time : 0;
  }

  /** Forgets a task that has ended. */
  remove(task: Task): void {
    this.sleepers.drop(task);
    this.queue.remove(task.turn);
    this.wakeLoop();
  }

  at(when: Instant, call: () => void): Timer {
    const timer = this.timers.add(when, call);
    this.preemption.shorten(this.time, when);
    return timer;
  }

  /** Does something once no guest code is on the stack: at once, or when the running engine has been left. */
  atSafepoint(call: () => void): void {
    this.postponed.push(call);
    this.wakeLoop();
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
      if (this.queue.size > 0) await new Promise<void>((turn) => clock.after(0, turn));
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

  /**
   * Goes on after a system call that was not just answered: does what waits to be done before the return and, if the task sleeps,
   * has ended or gives way, lets another one have its turn. The engine is left only if that cannot be done in the address
   * space that it runs.
   */
  goOn(): TrapAnswer {
    for (;;) {
      const task = this.running;
      if (task === undefined || !this.isInside(task)) return TRAP.LEAVE;
      const ready = !task.dead && task.sleep === undefined && this.prepareReturn(task);
      if (!this.isInside(task)) return TRAP.LEAVE;
      if (ready && this.givesWay === undefined) return TRAP.ELSEWHERE;
      if (!this.handOver(task)) return TRAP.LEAVE;
    }
  }

  /** Takes the task whose turn it is. */
  take(): Task | undefined {
    const task = this.choose();
    if (task !== undefined) this.queue.remove(task.turn);
    return task;
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
    this.time = this.kernel.now();
    this.sliceEnd = this.time + SLICE_NS;
    this.ticks = false;
    try {
      do {
        this.timers.run(this.time);
        const task = this.take();
        if (task === undefined) break;
        this.runTask(task);
      } while (this.failure === undefined && this.time < this.sliceEnd);
    } catch (cause) {
      this.fail(cause);
    } finally {
      this.kernel.current = undefined;
      this.preemption.disarm();
    }
  }

  private runTask(task: Task): void {
    this.beginTurn(task);
    try {
      if (this.resume(task)) this.runGuest();
    } finally {
      this.entered = undefined;
      if (this.running !== undefined) this.endTurn(this.running);
      this.settle();
    }
  }

  private beginTurn(task: Task): void {
    this.running = task;
    this.givesWay = undefined;
  }

  private endTurn(task: Task): void {
    this.countTime(task);
    this.running = undefined;
    this.kernel.checkCpuLimit(task.process);
  }

  /** Whether a task can go on without leaving the engine that runs. */
  private isInside({ mm }: Task): boolean {
    return (
      mm === this.entered &&
      mm.policyWanted === undefined &&
      this.postponed.length === 0 &&
      this.failure === undefined &&
      this.interleaving === undefined
    );
  }

  /** Ends a task's turn within its system call, and begins that of another one of the same address space, if it is its turn. */
  private handOver(from: Task): boolean {
    // It runs again at once if nobody else can, and sleeps until the event loop has had its turn otherwise.
    if (this.queue.size === 0) return false;
    this.giveWay(from);
    this.endTurn(from);
    if (this.time >= this.sliceEnd) return false;
    this.timers.run(this.time);
    const task = this.choose();
    if (task === undefined || !this.isInside(task)) return false;
    this.queue.remove(task.turn);
    this.beginTurn(task);
    if (this.resume(task)) this.limitTurn(task);
    return true;
  }

  private choose(): Task | undefined {
    if (this.interleaving === undefined || this.queue.size === 0) return this.queue.next()?.task;
    return this.interleaving.choose(this.queue.candidates().map((turn) => turn.task));
  }

  /** Counts the time since it was last counted as a task's. */
  private countTime(task: Task): void {
    const now = this.kernel.now();
    const ns = now - this.time;
    this.time = now;
    task.cpuClock.count(ns);
    task.process.cpuClock.count(ns);
    this.queue.charge(task.turn, ns);
    this.preemption.ran(ns);
  }

  /** Runs guest code until the task sleeps, ends, or its turn is over, and so that of others to whom it was handed over. */
  private runGuest(): void {
    for (let task = this.running; task !== undefined && !this.giveWay(task); task = this.running) {
      const { mm } = task;
      this.settle();
      mm.settlePolicy();
      this.limitTurn(task);
      this.entered = mm;
      const reason = mm.space.run(this.fuelFor(task));
      this.entered = undefined;
      if (this.failure !== undefined || this.running === undefined) return;
      task = this.running;
      if (reason === EXIT.POLL) this.polled(task);
      else if (reason === EXIT.SYSCALL) this.called(task);
      else if (!resolveFault(task, reason)) this.raise(task, faultOf(task, reason));
      if (task.dead || task.sleep !== undefined || !this.prepareReturn(task)) return;
    }
  }

  /**
   * Until when a task may run without being looked at. Turns end at ticks, whatever is left of them, so that the host need
   * not be asked for another instant at each change of tasks; what is too long is a debt.
   */
  private turnEnd({ cpuClock, process }: Task): number {
    this.ticks ||= this.kernel.tasks.size > 1;
    const end = this.ticks ? this.time + TICK_NS : this.sliceEnd;
    const alarm = this.time + Math.min(cpuClock.untilAlarm, process.cpuClock.untilAlarm);
    return Math.min(end, alarm, this.timers.next() ?? end);
  }

  /** Sees to it that a task is left when its turn ends. */
  private limitTurn(task: Task): void {
    const end = this.turnEnd(task);
    this.preemption.arm(task.mm.space, this.time, end, end < this.sliceEnd);
  }

  /** How many instructions a task may run, where they are counted. */
  private fuelFor(task: Task): number {
    if (this.interleaving === undefined) return FUEL;
    // Guest code is left at each call, so that another task can be chosen there.
    task.workPending = true;
    return this.interleaving.fuel(task);
  }

  private called(task: Task): void {
    if (this.interleaving?.afterCall(task) === true) this.givesWay ??= "interrupted";
  }

  private polled(task: Task): void {
    this.preemption.polled(task.mm.space);
    this.countTime(task);
    this.timers.run(this.time);
    // Where nothing interrupts at an instant, turns are measured in instructions.
    if (this.kernel.host.clock.interrupter === undefined && task.turn.left < Number.POSITIVE_INFINITY)
      task.turn.left = 0;
    const over = this.time >= this.sliceEnd || this.queue.isOver(task.turn) || this.interleaving !== undefined;
    if (over) this.givesWay ??= "interrupted";
  }

  /** Puts the running task back among those that wait, if it has to give way. */
  private giveWay(task: Task): boolean {
    const { givesWay } = this;
    if (givesWay === undefined) return false;
    if (!task.dead) this.queue.add(task.turn, givesWay);
    return true;
  }

  /** Has the running task give way at its next safepoint, which its present system call is followed by. */
  private interruptRunning(): void {
    this.givesWay ??= "interrupted";
    if (this.running !== undefined) this.running.workPending = true;
  }

  /** Does what waits to be done before guest code runs. Returns false if the task sleeps or has ended. */
  private prepareReturn(task: Task): boolean {
    const hooks = this.returnHooks;
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
