import type { ByteString } from "../../base/bytes.ts";
import type { Task } from "../task.ts";
import type { Blocking } from "../wait.ts";
import type { LoadError } from "./load-error.ts";

/**
 * Replaces the program of a task's process: what execve(2) does behind its argument copying. On success the registers
 * are those of the new program's first instruction, and the handler answers REGISTERS_SET.
 */
export declare function execute(
  task: Task,
  path: ByteString,
  argv: readonly ByteString[],
  env: readonly ByteString[],
): Blocking<LoadError | 0>;
