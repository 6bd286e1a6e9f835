import type { SyscallName } from "../../abi/riscv64/syscalls.ts";
import { type Arg, type Support, type SyscallDefinition, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { type Answer, isBlocking } from "../../kernel/wait.ts";

/**
 * Declares a call that changes nothing before its last sleep, so that it can simply start over when its generator was
 * thrown away: everything that only looks names up or fetches before it acts.
 */
export function startsOver<const Args extends readonly Arg<unknown>[]>(definition: {
  readonly name: SyscallName;
  readonly args: Args;
  readonly support: Support;
  readonly run: Parameters<typeof syscall<Args>>[0]["run"];
}): SyscallDefinition {
  const run = definition.run as (task: Task, ...args: readonly unknown[]) => Answer;
  const start = (task: Task, ...args: readonly unknown[]): Answer => {
    const answer = run(task, ...args);
    if (isBlocking(answer)) task.restart = args;
    return answer;
  };
  return syscall<Args, readonly unknown[]>({
    ...definition,
    run: start as typeof definition.run,
    restart: (task, args) => run(task, ...args),
  });
}
