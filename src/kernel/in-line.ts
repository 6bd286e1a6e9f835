/** How calls sleep whose order matters: in lines of their own, from which who can go on is taken and roused. */
import type { Instant } from "../abi/types.ts";
import type { Task } from "./task.ts";
import type { Wait } from "./wait.ts";

/** Somebody in a line. */
export interface Waiting {
  readonly task: Task;
  /** Leaves the line; does nothing to one that was taken from it. */
  withdraw(): void;
}

/** What a handler sleeps for that stands in a line, and until when. */
export function sleepInLine(line: Waiting, deadline?: Instant): Wait {
  return { on: [], line, deadline };
}

/** Lets a task look at what became of its waiting. */
export function rouse({ task }: Waiting): void {
  task.kernel.scheduler.sleepers.rouse(task);
}
