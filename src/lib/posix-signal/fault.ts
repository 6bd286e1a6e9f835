import type { SigInfo } from "../../abi/riscv64/siginfo.ts";
import type { Fault } from "../../kernel/hooks.ts";
import type { Task } from "../../kernel/task.ts";
import { forceSignal } from "./post.ts";

/** Makes a fault of the processor the signal that Linux makes of it. */
export function raiseFault(task: Task, { signal, code, address }: Fault): boolean {
  const info: SigInfo = { kind: "fault", signo: signal, code, address: BigInt(address) };
  forceSignal(task, info);
  return true;
}
