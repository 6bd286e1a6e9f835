import { onProcessExit, onSyscall } from "../../kernel/hooks.ts";
import { defineLibrary, type Library } from "../../kernel/library.ts";
import { posixSignal, signalObserver } from "../posix-signal/index.ts";
import { Tracer } from "./tracer.ts";

export { formatPendingCall } from "./pending-call.ts";

/**
 * Makes a library that tells of each system call, signal and end of a process, one line each, as strace(1) does.
 *
 * @param line - receives each line, without its newline.
 */
export function trace(line: (text: string) => void): Library {
  const tracer = new Tracer(line);
  return defineLibrary({
    name: "trace",
    summary: "prints system calls and signals as strace(1) does",
    needs: [posixSignal],
    extends: [
      onSyscall.with(tracer),
      signalObserver.with({ delivered: (task, info) => tracer.signal(task, info) }),
      onProcessExit.with((process) => tracer.ended(process)),
    ],
  });
}
