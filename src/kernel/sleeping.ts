import { ERESTART_RESTARTBLOCK, ERESTARTSYS, Errno, type Result } from "../abi/errno.ts";
import { invokeAgain, writeResult } from "./dispatch.ts";
import type { Kernel } from "./kernel.ts";
import type { Task } from "./task.ts";
import type { Timer } from "./timers.ts";
import type { Blocking, CallAnswer, Sleeper, Wait, WakeReason } from "./wait.ts";

/** What sleeps: a system call, whose result is then written, or work before a return to the guest, which is looked at again. */
type Purpose = "call" | "work";

/** A sleeping task: what it waits for, and how it goes on. Woken by one of its queues, its deadline or a signal. */
export class Sleep implements Sleeper {
  readonly task: Task;
  readonly wait: Wait;
  readonly purpose: Purpose;
  /** Undefined if there is none, or it was thrown away: then the call is entered again from `task.restart`. */
  readonly generator: Blocking | undefined;
  reason: WakeReason | undefined;
  private timer: Timer | undefined;

  constructor(task: Task, wait: Wait, purpose: Purpose, generator: Blocking | undefined) {
    this.task = task;
    this.wait = wait;
    this.purpose = purpose;
    this.generator = generator;
  }

  begin(kernel: Kernel): void {
    for (const queue of this.wait.on) queue.add(this);
    if (this.wait.deadline !== undefined) this.timer = kernel.at(this.wait.deadline, () => this.end("timeout"));
  }

  wake(): void {
    this.end("woken");
  }

  /** Ends the sleep; the first reason counts. */
  end(reason: WakeReason): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    this.cancel();
    this.task.kernel.scheduler.makeRunnable(this.task, "woken");
  }

  cancel(): void {
    for (const queue of this.wait.on) queue.remove(this);
    this.timer?.cancel();
  }
}

/** The sleeping tasks of a kernel, and how their calls go on. */
export class Sleepers {
  private readonly kernel: Kernel;
  private count = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** What a task sleeps for; undefined if it runs or can run. */
  waitOf(task: Task): Wait | undefined {
    const { sleep } = task;
    return sleep?.reason === undefined ? sleep?.wait : undefined;
  }

  get size(): number {
    return this.count;
  }

  /** Takes a call's answer: writes the result and returns true, or lets the task sleep. */
  answered(task: Task, answer: CallAnswer): boolean {
    const result = this.resultOf(task, answer);
    if (result === undefined) return false;
    this.finish(task, result);
    return true;
  }

  /** Ends the sleep of a task that waits for nothing but this; does nothing to another one. */
  rouse({ sleep }: Task): void {
    if (sleep?.wait.on.length === 0) sleep.wake();
  }

  /** Runs work that may sleep before a return to the guest; returns false if it sleeps now. */
  workAnswered(task: Task, answer: Blocking): boolean {
    return this.advance(task, "work", answer, undefined) !== undefined;
  }

  /**
   * Goes on with what a woken task slept in. Returns false if it sleeps again. A task that did not sleep may go on.
   * The task's registers must be in its address space.
   */
  resume(task: Task): boolean {
    const { sleep } = task;
    if (sleep === undefined) return true;
    if (sleep.reason === undefined) return false;
    this.forget(task);
    const { generator, purpose, reason } = sleep;
    if (generator === undefined) return this.answered(task, this.enterAgain(task, reason));
    const result = this.advance(task, purpose, generator, reason);
    if (result === undefined) return false;
    if (purpose === "call") this.finish(task, result);
    else task.workPending = true;
    return true;
  }

  /** Ends an interruptible sleep with the reason "signal". */
  interrupt(task: Task): void {
    const { sleep } = task;
    if (sleep !== undefined && sleep.wait.interruptible !== false) sleep.end("signal");
  }

  /** Forgets a task that ends; its handler's `finally` blocks run. */
  drop(task: Task): void {
    const { sleep } = task;
    if (sleep === undefined) return;
    this.forget(task);
    sleep.cancel();
    sleep.wait.line?.withdraw();
    sleep.generator?.return(0);
  }

  private forget(task: Task): void {
    task.sleep = undefined;
    this.count--;
  }

  /** A call's result; undefined if it sleeps for it. */
  private resultOf(task: Task, first: CallAnswer): Result<number> | undefined {
    let answer = first;
    while (typeof answer === "object" && !(answer instanceof Errno)) {
      if (!isWait(answer)) return this.advance(task, "call", answer, undefined);
      const immediate = this.reasonNotToSleep(task, answer);
      if (immediate === undefined) {
        this.sleep(task, answer, "call", undefined);
        return undefined;
      }
      answer = this.enterAgain(task, immediate);
    }
    return answer;
  }

  /** Runs a generator to its end or to its next real sleep (then undefined). */
  private advance(
    task: Task,
    purpose: Purpose,
    generator: Blocking,
    reason: WakeReason | undefined,
  ): Result<number> | undefined {
    // The first call's argument is ignored by every generator.
    let step = generator.next(reason ?? "woken");
    while (step.done !== true) {
      if (task.dead) {
        generator.return(0);
        return undefined;
      }
      const immediate = this.reasonNotToSleep(task, step.value);
      if (immediate === undefined) {
        this.sleep(task, step.value, purpose, generator);
        return undefined;
      }
      step = generator.next(immediate);
    }
    return step.value;
  }

  private reasonNotToSleep(task: Task, wait: Wait): WakeReason | undefined {
    if (wait.interruptible !== false && task.signalPending) return "signal";
    return wait.deadline !== undefined && wait.deadline <= this.kernel.now() ? "timeout" : undefined;
  }

  private sleep(task: Task, wait: Wait, purpose: Purpose, generator: Blocking | undefined): void {
    const discard = purpose === "call" && this.kernel.options.discardGenerators === true;
    const kept = discard ? undefined : generator;
    const sleep = new Sleep(task, wait, purpose, kept);
    task.sleep = sleep;
    this.count++;
    sleep.begin(this.kernel);
  }

  /** Enters a call that slept without a generator: by its `restart`, or from its arguments if it keeps no state. */
  private enterAgain(task: Task, reason: WakeReason): CallAnswer {
    const definition = this.kernel.syscallDefinition(task.syscall.number);
    if (definition === undefined) throw new Error(`no definition for the sleeping call ${task.syscall.number}`);
    return definition.restart === undefined
      ? invokeAgain(task, definition)
      : definition.restart(task, task.restart as never, reason);
  }

  /** Writes a result. What must be restarted or fail with EINTR is decided before the return to the guest. */
  private finish(task: Task, result: Result<number>): void {
    writeResult(task, result);
    if (!(result instanceof Errno) || result.code < FIRST_RESTART) return;
    task.interruption = result;
    task.workPending = true;
    if (result === ERESTART_RESTARTBLOCK) task.restartBlock = { number: task.syscall.number, state: task.restart };
  }
}

/** Of few shapes, as `isBlocking` is not, which is asked of everything that may sleep. */
function isWait(answer: Blocking | Wait): answer is Wait {
  return (answer as Partial<Wait>).on !== undefined;
}

/** Errnos from here on are the kernel's own: they say how a call that was interrupted is made again. */
const FIRST_RESTART = ERESTARTSYS.code;

/** What restart_syscall(2) does: goes on with the call that answered ERESTART_RESTARTBLOCK. EINTR if there is none. */
export function continueRestartBlock(task: Task, none: Errno): CallAnswer {
  const block = task.restartBlock;
  const definition = block === undefined ? undefined : task.kernel.syscallDefinition(block.number);
  if (block === undefined || definition?.restart === undefined) return none;
  task.restartBlock = undefined;
  task.syscall.number = block.number;
  return definition.restart(task, block.state as never);
}
