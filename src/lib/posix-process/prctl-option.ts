import type { Result } from "../../abi/errno.ts";
import { ExtensionPoint } from "../../kernel/library.ts";
import type { Task } from "../../kernel/task.ts";

/** One operation of prctl(2); its arguments are unsigned longs. */
export interface PrctlOption {
  readonly option: number;
  run(task: Task, arg2: number, arg3: number, arg4: number, arg5: number): Result<number>;
}

/** Operations that other libraries answer. */
export const prctlOption = new ExtensionPoint<PrctlOption>("prctlOption");
