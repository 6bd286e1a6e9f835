import { ENOSYS, Errno, type Result } from "../abi/errno.ts";
import { SYSCALL_NUMBERS, type SyscallName } from "../abi/riscv64/syscalls.ts";
import { TRAP, type TrapAnswer, type TrapHandler } from "../machine/engine.ts";
import { HART } from "../machine/hart.ts";
import type { GuestMemory } from "../machine/memory.ts";
import type { SyscallObserver } from "./hooks.ts";
import type { Kernel } from "./kernel.ts";
import { type Decoding, decodeRegister, REGISTERS_SET, type SyscallDefinition } from "./syscall.ts";
import type { Task } from "./task.ts";
import { type Blocking, type CallAnswer, isBlocking } from "./wait.ts";

/** Numbers behind the last one that Linux has given out are not looked up. */
const TABLE_SIZE = 512;

const ARG0 = (HART.x + 8 * 10) / 4;
const NUMBER = (HART.x + 8 * 17) / 4;

type Words = Int32Array;
type Invoke = (task: Task, i32: Words) => CallAnswer;

/** System calls by number, ready to be called; made once for a kernel. */
export class SyscallTable {
  readonly definitions: readonly (SyscallDefinition | undefined)[];
  /** Answers ENOSYS where there is no definition. */
  readonly invoke: readonly Invoke[];

  constructor(definitions: Iterable<SyscallDefinition>, observers: readonly SyscallObserver[]) {
    const byNumber: (SyscallDefinition | undefined)[] = new Array(TABLE_SIZE).fill(undefined);
    for (const definition of definitions) byNumber[SYSCALL_NUMBERS[definition.name]] = definition;
    this.definitions = byNumber;
    const watching = observers.filter(({ enter, leave }) => enter !== undefined || leave !== undefined);
    const unknown = unknownCall(observers);
    this.invoke = byNumber.map((definition) => {
      if (definition === undefined) return unknown;
      return watching.length === 0 ? plainCall(definition) : observedCall(definition, watching);
    });
  }
}

/**
 * One address space's way into the kernel: reads the call from the registers, runs its handler, writes the result.
 *
 * The registers are read as pairs of 32-bit words, and a0 is written as two: no BigInt is made on the way.
 */
export class Dispatcher implements TrapHandler {
  private readonly kernel: Kernel;
  private readonly invoke: readonly Invoke[];
  private readonly unknown: Invoke;
  /** Given by {@link attach}: the engine makes an address space's memory only after it has its handler. */
  private memory!: GuestMemory;

  constructor(kernel: Kernel, table: SyscallTable, observers: readonly SyscallObserver[]) {
    this.kernel = kernel;
    this.invoke = table.invoke;
    this.unknown = unknownCall(observers);
  }

  attach(memory: GuestMemory): void {
    this.memory = memory;
  }

  syscall(): TrapAnswer {
    const task = this.kernel.current!;
    const { scheduler } = this.kernel;
    const { i32 } = this.memory;
    const number = i32[NUMBER]!;
    task.syscall.number = number;
    try {
      const invoke = number >>> 0 < TABLE_SIZE ? this.invoke[number]! : this.unknown;
      const answer = invoke(task, i32);
      if (typeof answer === "number") {
        // Most results fit a word; then no division is needed for the high one.
        const low = answer | 0;
        const words = this.memory.i32;
        words[ARG0] = low;
        words[ARG0 + 1] = low === answer ? low >> 31 : Math.floor(answer / 0x1_0000_0000);
        return task.workPending ? scheduler.goOn() : TRAP.GO_ON;
      }
      if (answer === REGISTERS_SET) return scheduler.goOn();
      keepArgument(task, this.memory.i32);
      const done = scheduler.sleepers.answered(task, answer);
      // Registers that the call has set itself behind a sleep that was none are read when guest code is entered.
      const plain = answer instanceof Errno && answer !== REGISTERS_SET;
      return done && plain && !task.workPending ? TRAP.GO_ON : scheduler.goOn();
    } catch (cause) {
      // Nothing may be thrown through the guest's wasm frames: the scheduler reports it once they are left.
      scheduler.fail(cause);
      return TRAP.LEAVE;
    }
  }
}

/** Keeps the first argument, for a call that is made again: only one that answers no number may be. */
function keepArgument({ syscall }: Task, i32: Words): void {
  syscall.argument0Low = i32[ARG0]!;
  syscall.argument0High = i32[ARG0 + 1]!;
}

/** Writes a call's result into a task's registers. The task's address space must hold them. */
export function writeResult(task: Task, answer: Result<number>): void {
  if (answer === REGISTERS_SET) return;
  const value = answer instanceof Errno ? -answer.code : answer;
  const { i32 } = task.mm.memory;
  i32[ARG0] = value | 0;
  i32[ARG0 + 1] = Math.floor(value / 0x1_0000_0000);
}

/** Makes the call that the registers hold once more: for a sleep whose generator was thrown away. */
export function invokeAgain(task: Task, definition: SyscallDefinition): CallAnswer {
  return plainCall(definition)(task, task.mm.memory.i32);
}

function at(i32: Words, index: number, how: Decoding): number {
  return decodeRegister(how, i32[ARG0 + 2 * index]!, i32[ARG0 + 2 * index + 1]!);
}

/** A caller with a fixed number of arguments: nothing is allocated between the registers and the handler. */
function plainCall(definition: SyscallDefinition): Invoke {
  const run = definition.run as (task: Task, ...args: unknown[]) => CallAnswer;
  const [a, b, c, d, e, f] = definition.args.map(({ decode }) => decode);
  if (a === undefined) return run as Invoke;
  if (b === undefined) return (task, r) => run(task, at(r, 0, a));
  if (c === undefined) return (task, r) => run(task, at(r, 0, a), at(r, 1, b));
  if (d === undefined) return (task, r) => run(task, at(r, 0, a), at(r, 1, b), at(r, 2, c));
  if (e === undefined) return (task, r) => run(task, at(r, 0, a), at(r, 1, b), at(r, 2, c), at(r, 3, d));
  if (f === undefined) {
    return (task, r) => run(task, at(r, 0, a), at(r, 1, b), at(r, 2, c), at(r, 3, d), at(r, 4, e));
  }
  return (task, r) => run(task, at(r, 0, a), at(r, 1, b), at(r, 2, c), at(r, 3, d), at(r, 4, e), at(r, 5, f));
}

/** A caller that tells observers before and after. A sleeping call is wrapped, so that its end is told too. */
function observedCall(definition: SyscallDefinition, observers: readonly SyscallObserver[]): Invoke {
  const run = definition.run as (task: Task, ...args: unknown[]) => CallAnswer;
  return (task, i32) => {
    const args = definition.args.map(({ decode }, i) => at(i32, i, decode));
    const left = (answer: Result<number>): Result<number> => {
      for (const observer of observers) observer.leave?.(task, definition, args, answer);
      return answer;
    };
    for (const observer of observers) observer.enter?.(task, definition, args);
    const answer = run(task, ...args);
    if (typeof answer === "number" || answer instanceof Errno) return left(answer);
    return (function* observed() {
      return left(yield* asBlocking(task, definition, answer));
    })();
  };
}

/** The rest of a call, however it sleeps, as one generator. */
function* asBlocking(task: Task, definition: SyscallDefinition, first: CallAnswer): Blocking {
  let answer = first;
  while (typeof answer === "object" && !(answer instanceof Errno)) {
    if (isBlocking(answer)) return yield* answer;
    const reason = yield answer;
    answer = definition.restart!(task, task.restart as never, reason);
  }
  return answer;
}

/** A number that no library of this image provides. */
function unknownCall(observers: readonly SyscallObserver[]): Invoke {
  return (task, i32) => {
    const number = i32[NUMBER]!;
    for (const observer of observers) observer.unknown?.(task, number, nameOf(number));
    return ENOSYS;
  };
}

const NAMES: ReadonlyMap<number, SyscallName> = new Map(
  Object.entries(SYSCALL_NUMBERS).map(([name, number]) => [number, name as SyscallName]),
);

/** Linux's name for a number; undefined if it has none. */
export function nameOf(number: number): SyscallName | undefined {
  return NAMES.get(number);
}
