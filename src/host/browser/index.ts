import type { Host, HostConsole } from "../../kernel/host.ts";
import { createClock } from "./clock.ts";
import { entropy } from "./entropy.ts";

export { createCodeCompiler } from "./code-compiler.ts";

const GIB = 2 ** 30;
/** What a browser that does not tell is taken for. */
const USUAL_GIB = 4;

/** This worker as a {@link Host}: only its console can be reached. */
export function createBrowserHost(console: HostConsole): Host {
  const { hardwareConcurrency, deviceMemory = USUAL_GIB } = navigator as WorkerNavigator & { deviceMemory?: number };
  return {
    console,
    clock: createClock(),
    entropy,
    machine: { memoryBytes: deviceMemory * GIB, processors: hardwareConcurrency },
  };
}
