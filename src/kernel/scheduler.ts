import type { Task } from "./task.ts";

/** Chooses which task runs, and until when. */
export declare class Scheduler {
  /** Ends an interruptible sleep with the reason "signal". */
  interrupt(task: Task): void;
}
