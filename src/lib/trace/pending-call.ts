import { decodeRegister, type FormatContext } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { HART } from "../../machine/hart.ts";

const A0 = (HART.x + 8 * 10) / 4;

/** Shows the system call that a task sleeps in as strace(1) does. The task's registers must be in its address space. */
export function formatPendingCall(task: Task): string {
  const definition = task.kernel.syscallDefinition(task.syscall.number);
  if (definition === undefined) return "nothing that it asked for: it is stopped";
  const { i32 } = task.mm.memory;
  const context: FormatContext = { task, args: [], result: undefined };
  const args = definition.args.map(({ decode }, i) =>
    // The first argument's register is where the result goes.
    i === 0
      ? decodeRegister(decode, task.syscall.argument0Low, task.syscall.argument0High)
      : decodeRegister(decode, i32[A0 + 2 * i]!, i32[A0 + 2 * i + 1]!),
  );
  const shown = definition.args.map((arg, i) => arg.format(args[i], { ...context, args }));
  return `${definition.name}(${joinArguments(shown)})`;
}

/** An argument that a call does not look at prints as nothing, and is left out. */
export function joinArguments(shown: readonly string[]): string {
  return shown.filter((text) => text !== "").join(", ");
}
