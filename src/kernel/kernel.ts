import { EAGAIN, ENOMEM, Errno, type Result } from "../abi/errno.ts";
import { SIG } from "../abi/signal.ts";
import type { Instant, Pid, Tid } from "../abi/types.ts";
import { sha256 } from "../base/sha256.ts";
import type { Engine, SpaceOptions } from "../machine/engine.ts";
import { Dispatcher, SyscallTable } from "./dispatch.ts";
import { emptyContext, type HartContext, saveContext } from "./hart-context.ts";
import {
  idInUse,
  onProcessDead,
  onProcessExit,
  onProcessStart,
  onSyscall,
  onTaskExit,
  type SyscallObserver,
} from "./hooks.ts";
import type { Host } from "./host.ts";
import { Ids } from "./ids.ts";
import { type Extension, type ExtensionPoint, type Library, resolveLibraries } from "./library.ts";
import { limitOf } from "./limits.ts";
import { prepareProgram, startProgram } from "./loader/exec.ts";
import { LoadError } from "./loader/load-error.ts";
import { AddressSpace } from "./mm/address-space.ts";
import { MemoryBudget } from "./mm/budget.ts";
import { type BootOptions, DEFAULT_LIMITS, type KernelLimits, type KernelOptions, type Program } from "./options.ts";
import { type ExitStatus, Process } from "./process.ts";
import { type MachineFault, Scheduler } from "./scheduler.ts";
import { type Slot, Slots } from "./slots.ts";
import type { SyscallDefinition } from "./syscall.ts";
import { Task } from "./task.ts";
import type { Timer } from "./timers.ts";
import type { Blocking } from "./wait.ts";

export type { BootOptions, KernelLimits, KernelOptions, Program } from "./options.ts";
export type { MachineFault } from "./scheduler.ts";
export type { Timer } from "./timers.ts";

/** One machine: its processes, and the libraries that serve them. */
export class Kernel {
  readonly host: Host;
  readonly engine: Engine;
  /** In dependency order. */
  readonly libraries: readonly Library[];
  readonly limits: KernelLimits;
  readonly options: KernelOptions;
  readonly scheduler: Scheduler;
  readonly ids = new Ids((id) => this.isIdInUse(id));
  /** Zombies too. */
  readonly processes: ReadonlyMap<Pid, Process>;
  /** Threads that have not ended. */
  readonly tasks: ReadonlyMap<Tid, Task>;
  /** The task whose system call, fault or guest code is being handled. */
  current: Task | undefined;
  private readonly processTable = new Map<Pid, Process>();
  private readonly taskTable = new Map<Tid, Task>();
  /** Of tasks that have ended, for new ones: memory outside of the host's heap is slow to come and go. */
  private readonly spareContexts: HartContext[] = [];
  private readonly slots = new Slots<Kernel>(this);
  /** By the points' indices. */
  private readonly contributions: unknown[][] = [];
  private readonly table: SyscallTable;
  private readonly observers: readonly SyscallObserver[];
  private readonly budget: MemoryBudget;
  private readonly bootNs: number;
  /** The address space that ran last: others have yet to see what it stored in shared memory. */
  private running: AddressSpace | undefined;
  /** Processes that have not ended. */
  private living = 0;
  /** The process that was started first: orphans are its, and the machine ends with it, as a container does. */
  private first: Process | undefined;

  /** Makes a machine of libraries, an engine and a host. Nothing runs before {@link start} and {@link run}. */
  static boot(parts: BootOptions): Kernel {
    const kernel = new Kernel(parts);
    for (const library of kernel.libraries) library.boot?.(kernel);
    return kernel;
  }

  private constructor({ libraries, engine, host, limits, options }: BootOptions) {
    this.host = host;
    this.engine = engine;
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    this.options = options ?? {};
    this.libraries = resolveLibraries(libraries);
    this.processes = this.processTable;
    this.tasks = this.taskTable;
    this.bootNs = host.clock.monotonicNs();
    this.budget = new MemoryBudget(this.limits.memoryBytes);
    for (const library of this.libraries) for (const extension of library.extends) this.contribute(extension);
    this.observers = this.extensions(onSyscall);
    this.table = new SyscallTable(
      this.libraries.flatMap(({ syscalls }) => syscalls).filter(({ name }) => !this.options.without?.has(name)),
      this.observers,
    );
    this.scheduler = new Scheduler(this, this.bootNs);
  }

  get<T>(slot: Slot<Kernel, T>): T {
    return this.slots.get(slot);
  }

  /** What the libraries of this machine contributed to a point, in dependency order. */
  extensions<T>(point: ExtensionPoint<T>): readonly T[] {
    return (this.contributions[point.index] ?? NOTHING) as readonly T[];
  }

  /** Nanoseconds since boot on the monotonic clock. */
  now(): Instant {
    return Math.floor(this.host.clock.monotonicNs() - this.bootNs) as Instant;
  }

  /** Calls back when the instant has come, between two handlers. */
  at(when: Instant, call: () => void): Timer {
    return this.scheduler.at(when, call);
  }

  /** Most guest memory that was committed at a time; bytes. */
  get peakMemory(): number {
    return this.budget.peak;
  }

  /** Guest memory that is committed now; bytes. */
  get usedMemory(): number {
    return this.budget.used;
  }

  /** The definition of a system call number, or undefined if no library of this image provides it. */
  syscallDefinition(number: number): SyscallDefinition | undefined {
    return this.table.definitions[number];
  }

  /** The library that provides a system call in this image. */
  providerOf(name: string): Library | undefined {
    return this.libraries.find(({ syscalls }) => syscalls.some((definition) => definition.name === name));
  }

  /** Makes a process and runs a program in it. */
  async start(program: Program): Promise<Process | LoadError> {
    if (this.processTable.size >= this.limits.processes) {
      return new LoadError(EAGAIN, `the limit of ${this.limits.processes} processes is reached`);
    }
    const process = this.createProcess();
    const unset = this.extensions(onProcessStart).map((hook) => hook(process, program));
    const plan =
      unset.find((answer) => answer !== undefined) ??
      (await this.outsideTask(prepareProgram(process, { path: program.path, strings: () => program })));
    const refused = plan instanceof LoadError || plan instanceof Errno ? plan : startProgram(process, process.mm, plan);
    if (refused === 0) {
      const task = this.createTask(process, process.pid as number as Tid);
      task.mm.adopt(task);
      this.scheduler.makeRunnable(task, "new");
      return process;
    }
    this.exitProcess(process, { kind: "exited", code: 127 });
    return refused instanceof LoadError ? refused : new LoadError(refused, `${program.path}: ${refused.text}`);
  }

  /** The process that adopts orphans, while it lives. */
  get init(): Process | undefined {
    return this.first?.ended === false ? this.first : undefined;
  }

  /** Whether a process has not ended. */
  get busy(): boolean {
    return this.living > 0;
  }

  /** The process that an id names: any of its threads' ids do, and a zombie's own. */
  processOf(id: number): Process | undefined {
    return this.taskTable.get(id as Tid)?.process ?? this.processTable.get(id as Pid);
  }

  /** A thread by its number; also one that has ended and leads a process that nobody has waited for. */
  taskNamed(tid: Tid): Task | undefined {
    return this.taskTable.get(tid) ?? this.processTable.get(tid as number as Pid)?.leader;
  }

  /** Makes an address space for a process: an empty one, or one that is about to become a copy of another ({@link AddressSpace.copyFrom}). */
  createAddressSpace(process: Process, template?: AddressSpace): AddressSpace {
    const dispatcher = new Dispatcher(this, this.table, this.observers);
    const { options, host } = this;
    const spaceOptions = template?.space.options ?? this.spaceOptions();
    const space = this.engine.createSpace(dispatcher, spaceOptions, template?.copiedAtFirst());
    dispatcher.attach(space.memory);
    return new AddressSpace({
      space,
      limit: (resource) => limitOf(process, resource),
      budget: this.budget,
      digest: (bytes) => host.digest?.(bytes) ?? sha256(bytes),
      fixedPolicy: options.policy !== undefined,
      mustLeave: () => {
        if (this.current !== undefined) this.current.workPending = true;
      },
    });
  }

  /** Makes a task of a process; its registers are all zero, and it does not run yet. */
  createTask(process: Process, tid: Tid, registers = emptyContext()): Task {
    const task = new Task(tid, process, registers);
    process.tasks.add(task);
    process.leader ??= task;
    process.mm.users++;
    this.taskTable.set(tid, task);
    return task;
  }

  /**
   * Makes a process as a copy of another, without tasks: what libraries keep for it follows their slots' fork rules.
   *
   * @param shareMemory - whether it uses the same address space, instead of a copy.
   * @param id - one that is free; default the next one.
   * @returns EAGAIN if there are too many processes, or no room for another address space on the host; ENOMEM if guest
   * memory is used up.
   */
  forkProcess(parent: Process, shareMemory: boolean, id = this.ids.next()): Result<Process> {
    if (this.processTable.size >= this.limits.processes) return EAGAIN;
    const pid = id as Pid;
    const process = shareMemory ? new Process(this, pid, parent.mm) : this.copyProcess(parent, pid);
    if (process instanceof Errno) return process;
    process.name = parent.name;
    process.executable = parent.executable;
    process.forkSlots(parent);
    this.adopt(process);
    return process;
  }

  /**
   * Makes a task that goes on where another one, the current one, is: behind the same system call, with the same registers.
   * It does not run yet.
   */
  forkTask(parent: Task, process: Process, id?: number): Task {
    const tid = process === parent.process ? (id ?? this.ids.next()) : process.pid;
    const task = this.createTask(process, tid as number as Tid, this.spareContexts.pop());
    saveContext(parent.mm.memory, task.registers);
    task.name = parent.name;
    task.forkSlots(parent);
    return task;
  }

  /** Gives a task the id of its process; the task that had it must have ended. */
  promote(task: Task): void {
    this.taskTable.delete(task.tid);
    task.tid = task.process.pid as number as Tid;
    this.taskTable.set(task.tid, task);
    task.process.leader = task;
  }

  /** Forgets a process that has ended; its id may be given out again. */
  reap(process: Process): void {
    this.processTable.delete(process.pid);
  }

  /** Whether an id names a thread, a zombie, or what libraries name by ids of processes: groups and sessions. */
  private isIdInUse(id: number): boolean {
    if (this.taskTable.has(id as Tid) || this.processTable.has(id as Pid)) return true;
    return this.extensions(idInUse).some((isUsed) => isUsed(this, id));
  }

  /** Ends all tasks of a process: exit_group(2), or a fatal signal. It does nothing to one that has ended. */
  exitProcess(process: Process, status: ExitStatus): void {
    if (process.ended) return;
    process.exitStatus = status;
    this.living--;
    for (const task of process.tasks) this.endTask(task);
    for (const hook of this.extensions(onProcessExit)) hook(process);
    const { mm } = process;
    process.finish(status);
    if (mm.users === 0) this.releaseLater(mm);
    const kept = this.extensions(onProcessDead).map((hook) => hook(process));
    if (!kept.includes(true)) this.reap(process);
    if (process === this.first) this.stop();
  }

  /** Ends one task; the process ends with its last one. */
  exitTask(task: Task, code: number): void {
    if (task.dead) return;
    if (task.process.tasks.size === 1) this.exitProcess(task.process, { kind: "exited", code });
    else this.endTask(task);
  }

  /** Gives an address space back once no guest code is on the stack. */
  releaseLater(mm: AddressSpace): void {
    this.scheduler.atSafepoint(() => mm.release());
    if (this.current === undefined) this.scheduler.settle();
  }

  /** Runs until no process is left, or until {@link stop}. Answers the bug that ended the machine, if one did. */
  run(): Promise<MachineFault | undefined> {
    return this.scheduler.run();
  }

  /** Ends every process with SIGKILL. */
  stop(): void {
    for (const process of this.processTable.values()) {
      this.exitProcess(process, { kind: "signaled", signal: SIG.KILL, core: false });
    }
  }

  /** For the scheduler: a task's registers go into page 0, and it becomes the current one. */
  enter(task: Task): void {
    const { mm } = task;
    if (this.running !== mm) {
      this.running = mm;
      mm.catchUp();
    }
    this.current = task;
    mm.seat(task);
  }

  /** For the scheduler: ends a process that has used more processor time than the machine allows. */
  checkCpuLimit(process: Process): void {
    const { cpuNs } = this.limits;
    if (cpuNs !== undefined && process.cpuNs > cpuNs) {
      this.exitProcess(process, { kind: "signaled", signal: SIG.KILL, core: false });
    }
  }

  /** Makes a process without tasks or program. */
  createProcess(): Process {
    const process = new Process(this, this.ids.next() as Pid);
    this.adopt(process);
    return process;
  }

  private adopt(process: Process): void {
    this.first ??= process;
    this.processTable.set(process.pid, process);
    this.living++;
  }

  private spaceOptions(): SpaceOptions {
    const { options, host } = this;
    return {
      policy: options.policy ?? "null",
      poll: options.poll ?? (host.clock.interrupter === undefined ? "fuel" : "flag"),
      fflags: false,
      count: options.count ?? false,
    };
  }

  /** A process with a copy of another one's memory. */
  private copyProcess({ mm }: Process, pid: Pid): Result<Process> {
    let process: Process;
    try {
      process = new Process(this, pid, undefined, mm);
    } catch (refusal) {
      // Hosts bound how many memories there are.
      if (refusal instanceof RangeError) return EAGAIN;
      throw refusal;
    }
    if (process.mm.copyFrom(mm)) return process;
    this.releaseLater(process.mm);
    return ENOMEM;
  }

  private endTask(task: Task): void {
    this.withMemory(task.mm, () => {
      for (const hook of this.extensions(onTaskExit)) hook(task);
    });
    task.dead = true;
    task.workPending = true;
    task.mm.forget(task);
    this.spareContexts.push(task.registers);
    task.mm.users--;
    task.process.tasks.delete(task);
    this.taskTable.delete(task.tid);
    this.scheduler.remove(task);
    task.exitSlots();
  }

  /** Does something in an address space, which need not be the running one: what both share is the same before and after. */
  private withMemory(mm: AddressSpace, work: () => void): void {
    const { running } = this;
    const isOther = running !== undefined && running !== mm && running.users > 0;
    if (isOther) mm.catchUp();
    work();
    if (isOther) running.catchUp();
  }

  private contribute({ point, value }: Extension): void {
    const known = this.contributions[point.index];
    if (known === undefined) this.contributions[point.index] = [value];
    else known.push(value);
  }

  /** Runs what may sleep where no task is there to sleep: before a process has one. */
  private async outsideTask<T>(work: Blocking<T>): Promise<T | Errno> {
    let step = work.next("woken");
    while (step.done !== true) {
      const { on } = step.value;
      await new Promise<void>((wake) => {
        for (const queue of on) queue.add({ wake });
      });
      step = work.next("woken");
    }
    return step.value;
  }
}

const NOTHING: readonly never[] = [];
