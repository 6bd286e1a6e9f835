import type { SigInfo } from "../../abi/riscv64/siginfo.ts";
import type { Fault } from "../../kernel/hooks.ts";
import type { Task } from "../../kernel/task.ts";
import { actionOf, isDefault, isIgnore } from "./disposition.ts";
import { forceSignal } from "./post.ts";

/**
 * Makes a fault of the processor the signal that Linux makes of it. One whose instruction is not known can be handled by
 * nobody, since the handler could not go back to it: then the kernel ends the process.
 */
export function raiseFault(task: Task, { signal, code, address, pc }: Fault): boolean {
  const action = actionOf(task.process, signal);
  if (pc === undefined && !isDefault(action) && !isIgnore(action)) return false;
  const info: SigInfo = { kind: "fault", signo: signal, code, address: BigInt(address) };
  forceSignal(task, info);
  return true;
}
