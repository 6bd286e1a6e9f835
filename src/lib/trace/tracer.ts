import {
  ERESTART_RESTARTBLOCK,
  ERESTARTNOHAND,
  ERESTARTNOINTR,
  ERESTARTSYS,
  Errno,
  type Result,
} from "../../abi/errno.ts";
import type { SigInfo } from "../../abi/riscv64/siginfo.ts";
import { signalName } from "../../abi/signal.ts";
import type { SyscallObserver } from "../../kernel/hooks.ts";
import type { Process } from "../../kernel/process.ts";
import { REGISTERS_SET, type SyscallDefinition } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { formatInfo } from "../posix-signal/index.ts";
import { joinArguments } from "./pending-call.ts";

/** Where results are put, as strace does by default. */
const RESULT_COLUMN = 40;
const ARGUMENTS = 6;
const A0 = 10;

const RESTARTS: ReadonlySet<Errno> = new Set([ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK]);

/** Calls that do not come back. */
const ENDS: ReadonlySet<string> = new Set(["exit", "exit_group"]);

/** Prints what it is told. What a call reads is printed from before it, what it writes from after it. */
export class Tracer implements SyscallObserver {
  private readonly line: (text: string) => void;
  /** Calls that have not returned: their arguments, undefined where the call is to fill them in. */
  private readonly open = new Map<Task, readonly (string | undefined)[]>();

  constructor(line: (text: string) => void) {
    this.line = line;
  }

  enter(task: Task, definition: SyscallDefinition, args: readonly unknown[]): void {
    const context = { task, args, result: undefined };
    const shown = definition.args.map((arg, i) => (arg.output ? undefined : arg.format(args[i], context)));
    if (ENDS.has(definition.name)) this.call(task, definition.name, shown as string[], "?");
    else this.open.set(task, shown);
  }

  leave(task: Task, definition: SyscallDefinition, args: readonly unknown[], answer: Result<number>): void {
    const before = this.open.get(task);
    if (before === undefined) return;
    this.open.delete(task);
    const result = answer === REGISTERS_SET ? 0 : answer;
    const context = { task, args, result: result instanceof Errno ? undefined : result };
    const shown = definition.args.map((arg, i) => before[i] ?? arg.format(args[i], context));
    this.call(task, definition.name, shown, formatResult(result, definition.result));
  }

  unknown(task: Task, number: number, name: string | undefined): void {
    const args = Array.from({ length: ARGUMENTS }, (_, i) => `0x${task.x(A0 + i).toString(16)}`);
    this.call(task, name ?? `syscall_0x${number.toString(16)}`, args, "-1 ENOSYS (Function not implemented)");
  }

  signal(task: Task, info: SigInfo): void {
    this.print(task, `--- ${signalName(info.signo)} ${formatInfo(info)} ---`);
  }

  ended(process: Process): void {
    for (const task of process.tasks) {
      const shown = this.open.get(task);
      if (shown === undefined) continue;
      this.open.delete(task);
      const name = process.kernel.syscallDefinition(task.syscall.number)?.name ?? "";
      const known = shown.slice(0, shown.indexOf(undefined) < 0 ? shown.length : shown.indexOf(undefined));
      this.print(task, `${name}(${joinArguments(known as string[])} <unfinished ...>) = ?`);
    }
    const status = process.exitStatus;
    if (status === undefined) return;
    const [first] = process.tasks;
    const told =
      status.kind === "exited"
        ? `exited with ${status.code}`
        : `killed by ${signalName(status.signal)}${status.core ? " (core dumped)" : ""}`;
    if (first === undefined) this.line(`+++ ${told} +++`);
    else this.print(first, `+++ ${told} +++`);
  }

  private call(task: Task, name: string, args: readonly string[], result: string): void {
    this.print(task, `${`${name}(${joinArguments(args)}) `.padEnd(RESULT_COLUMN)}= ${result}`);
  }

  /** With more than one task about, each line says whose it is. */
  private print(task: Task, text: string): void {
    this.line(task.kernel.tasks.size > 1 ? `[pid ${`${task.tid}`.padStart(5)}] ${text}` : text);
  }
}

function formatResult(result: Result<number>, kind: SyscallDefinition["result"]): string {
  if (!(result instanceof Errno)) return kind === "hex" ? `0x${result.toString(16)}` : `${result}`;
  return `${RESTARTS.has(result) ? "?" : "-1"} ${result.name} (${result.text})`;
}
