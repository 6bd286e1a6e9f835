/** How calls sleep whose order matters: in lines of their own, from which who can go on is taken and roused. */
import type { Instant } from "../abi/types.ts";
import { perTask } from "./slot-kinds.ts";
import type { Task } from "./task.ts";
import type { Wait } from "./wait.ts";

/** Somebody in a line. */
export interface Waiting {
  readonly task: Task;
  /** Leaves the line; does nothing to one that was taken from it. */
  withdraw(): void;
}

/** A task that ends leaves its line. */
const slot = perTask<{ waiting: Waiting | undefined }>({
  create: () => ({ waiting: undefined }),
  exit: ({ waiting }) => waiting?.withdraw(),
});

const UNTIL_ROUSED: Wait = { on: [] };

/** What a handler sleeps for that stands in a line, and until when. */
export function sleepInLine(waiting: Waiting, deadline?: Instant): Wait {
  waiting.task.get(slot).waiting = waiting;
  return deadline === undefined ? UNTIL_ROUSED : { on: [], deadline };
}

/** Lets a task look at what became of its waiting. */
export function rouse({ task }: Waiting): void {
  task.kernel.scheduler.sleepers.rouse(task);
}
