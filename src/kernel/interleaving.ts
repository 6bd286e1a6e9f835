import type { Task } from "./task.ts";

/**
 * Decides in what order tasks run where otherwise time and turns decide: to explore what a program does in other orders than
 * the usual one. Instructions are counted exactly, so that the same decisions are the same run.
 */
export interface Interleaving {
  /** How many instructions a task may run before it has to give way. */
  fuel(task: Task): number;
  /** Told of each system call that a task has made; answers whether the task gives way now. */
  afterCall(task: Task): boolean;
  /** Chooses who runs next, of one or more tasks that are equally urgent. */
  choose(tasks: readonly Task[]): Task;
}
