/** A set of semaphores, and who waits for it: sets of operations are done as a whole or not at all. (Linux ipc/sem.c) */
import { EAGAIN, EIDRM, ERANGE, Errno, type Result } from "../../abi/errno.ts";
import { IPC, SEM_LIMIT, SEM_UNDO } from "../../abi/ipc.ts";
import type { sembuf } from "../../abi/riscv64/ipc.ts";
import type { StructOf } from "../../base/struct.ts";
import { rouse, type Waiting } from "../../kernel/in-line.ts";
import type { Process } from "../../kernel/process.ts";
import type { Task } from "../../kernel/task.ts";
import { IpcObject, secondsNow } from "./ipc-object.ts";

export type SemaphoreOperation = StructOf<typeof sembuf>;

/** What a process's operations with SEM_UNDO come to, for each semaphore of a set: added when it ends. (struct sem_undo) */
export interface Undo {
  readonly adjustments: number[];
  /** The set was removed. */
  forget(): void;
}

class Semaphore {
  value = 0;
  /** Who changed it last; 0 if nobody did. */
  pid = 0;
  /** Those that wait for nothing but this one to grow, or to be zero, in the order in which they came. */
  readonly forMore = new Set<PendingOperations>();
  readonly forZero = new Set<PendingOperations>();
}

/** Operations that cannot be done yet, or are about to be tried. (struct sem_queue) */
export class PendingOperations implements Waiting {
  readonly task: Task;
  readonly set: SemaphoreSet;
  readonly operations: readonly SemaphoreOperation[];
  readonly undo: Undo | undefined;
  /** Whether any of them changes a value. */
  readonly alters: boolean;
  /** The one that could not be done. */
  blocking: SemaphoreOperation | undefined;
  /** What they came to; undefined while they wait. */
  outcome: Result<number> | undefined;
  line: Set<PendingOperations> | undefined;

  constructor(task: Task, set: SemaphoreSet, operations: readonly SemaphoreOperation[], undo: Undo | undefined) {
    this.task = task;
    this.set = set;
    this.operations = operations;
    this.undo = undo;
    this.alters = operations.some(({ change }) => change !== 0);
  }

  withdraw(): void {
    this.set.leaveLine(this);
    this.set.partLines();
  }
}

export class SemaphoreSet extends IpcObject {
  readonly semaphores: readonly Semaphore[];
  /** Those who registered adjustments. */
  readonly undos = new Set<Undo>();
  /** Of the last successful operation; 0 before. Seconds. */
  operatedAt = 0;
  /**
   * Those that wait for more than one semaphore, and while there are such, all that would alter something: older ones go
   * first. As long as there are none, each semaphore's own line is enough, and nobody is looked at in vain.
   */
  private readonly altering = new Set<PendingOperations>();
  private readonly observing = new Set<PendingOperations>();
  private complex = 0;

  constructor(maker: Process, key: number, flags: number, count: number) {
    super(maker, key, flags);
    this.semaphores = Array.from({ length: count }, () => new Semaphore());
  }

  /** Does all operations now, or none; undefined if they have to wait. (perform_atomic_semop) */
  attempt(pending: PendingOperations): Result<number> | undefined {
    const { operations, undo, task } = pending;
    const values = new Map<number, number>();
    const adjustments = new Map<number, number>();
    for (const operation of operations) {
      const { number, change, flags } = operation;
      const before = values.get(number) ?? this.semaphores[number]!.value;
      const value = before + change;
      if (change === 0 ? before !== 0 : value < 0) {
        pending.blocking = operation;
        return (flags & IPC.NOWAIT) !== 0 ? EAGAIN : undefined;
      }
      if (value > SEM_LIMIT.VMX) return ERANGE;
      values.set(number, value);
      if ((flags & SEM_UNDO) === 0) continue;
      const adjustment = (adjustments.get(number) ?? undo!.adjustments[number]!) - change;
      if (adjustment < -SEM_LIMIT.AEM - 1 || adjustment > SEM_LIMIT.AEM) return ERANGE;
      adjustments.set(number, adjustment);
    }
    for (const [number, value] of values) {
      this.semaphores[number]!.value = value;
      this.semaphores[number]!.pid = task.process.pid;
    }
    for (const [number, adjustment] of adjustments) undo!.adjustments[number] = adjustment;
    return 0;
  }

  /** Puts operations into the line where what they wait for will be noticed. */
  enterLine(pending: PendingOperations): void {
    const { operations, alters } = pending;
    const isComplex = operations.length > 1;
    if (isComplex && this.complex++ === 0) this.mergeLines();
    const own = this.semaphores[operations[0]!.number]!;
    const together = isComplex || (alters && this.complex > 0);
    join(pending, alters ? (together ? this.altering : own.forMore) : together ? this.observing : own.forZero);
  }

  leaveLine(pending: PendingOperations): void {
    if (pending.line === undefined) return;
    pending.line.delete(pending);
    pending.line = undefined;
    if (pending.operations.length > 1) this.complex--;
  }

  /**
   * Does what can be done after values have changed, by these operations or, if undefined, anyhow. (do_smart_update)
   *
   * @param operated - whether the time of the last operation is now, even if nothing more could be done.
   */
  update(operations: readonly SemaphoreOperation[] | undefined, operated: boolean): void {
    let done = this.finishObservers(operations) || operated;
    if (this.altering.size > 0) done = this.finishAlterers(this.altering) || done;
    else if (operations === undefined) for (const one of this.semaphores) done = this.finishSimple(one) || done;
    else {
      for (const { number, change } of operations) {
        if (change > 0) done = this.finishSimple(this.semaphores[number]!) || done;
      }
    }
    this.partLines();
    if (done) this.operated();
  }

  /** Keeps the time. */
  operated(): void {
    this.operatedAt = secondsNow(this.kernel);
  }

  /** How many wait for a semaphore to grow, or to be zero. (count_semcnt) */
  countWaiting(number: number, forZero: boolean): number {
    const { forMore, forZero: own } = this.semaphores[number]!;
    const others = forZero ? [...this.altering, ...this.observing] : [...this.altering];
    const blocked = others.filter(
      ({ blocking }) => blocking?.number === number && (forZero ? blocking.change === 0 : blocking.change < 0),
    );
    return (forZero ? own : forMore).size + blocked.length;
  }

  override release(): void {
    for (const undo of this.undos) undo.forget();
    this.undos.clear();
    const lines = [
      this.altering,
      this.observing,
      ...this.semaphores.flatMap(({ forMore, forZero }) => [forMore, forZero]),
    ];
    for (const line of lines) for (const pending of line) this.finish(pending, EIDRM);
  }

  private finishSimple(semaphore: Semaphore): boolean {
    return semaphore.forMore.size > 0 && this.finishAlterers(semaphore.forMore, semaphore);
  }

  /** Those in a line of alterers that can go on, from the oldest. Answers whether any did something. (update_queue) */
  private finishAlterers(line: Set<PendingOperations>, semaphore?: Semaphore): boolean {
    let done = false;
    for (let again = true; again; ) {
      again = false;
      for (const pending of line) {
        // What waits for nothing but this one only ever takes from it.
        if (semaphore?.value === 0) break;
        const outcome = this.attempt(pending);
        if (outcome === undefined) continue;
        this.finish(pending, outcome);
        if (outcome instanceof Errno) continue;
        done = true;
        this.finishObservers(pending.operations);
        // An older one may have waited for what this one has done, unless all that they do is to take from one semaphore.
        again = this.altering.size > 0 || pending.operations.length > 1;
        if (again) break;
      }
    }
    return done;
  }

  /** Those who wait for zero only, where that has come. (do_smart_wakeup_zero) */
  private finishObservers(operations: readonly SemaphoreOperation[] | undefined): boolean {
    const changed = operations?.map(({ number }) => this.semaphores[number]!) ?? this.semaphores;
    const zeros = changed.filter(({ value }) => value === 0);
    let done = false;
    for (const { forZero } of zeros) if (forZero.size > 0) done = this.finishLine(forZero) || done;
    return (zeros.length > 0 && this.observing.size > 0 && this.finishLine(this.observing)) || done;
  }

  private finishLine(line: Set<PendingOperations>): boolean {
    let done = false;
    for (const pending of line) {
      const outcome = this.attempt(pending);
      if (outcome === undefined) continue;
      this.finish(pending, outcome);
      if (!(outcome instanceof Errno)) done = true;
    }
    return done;
  }

  private finish(pending: PendingOperations, outcome: Result<number>): void {
    this.leaveLine(pending);
    pending.outcome = outcome;
    rouse(pending);
  }

  /** The first complex operations have come: from now on there is one line. (merge_queues) */
  private mergeLines(): void {
    for (const { forMore } of this.semaphores) {
      for (const pending of forMore) join(pending, this.altering);
      forMore.clear();
    }
  }

  /** The last complex operations are gone: each semaphore has its own line again. (unmerge_queues) */
  partLines(): void {
    if (this.complex > 0) return;
    for (const pending of this.altering) join(pending, this.semaphores[pending.operations[0]!.number]!.forMore);
    this.altering.clear();
  }
}

function join(pending: PendingOperations, line: Set<PendingOperations>): void {
  pending.line = line;
  line.add(pending);
}
