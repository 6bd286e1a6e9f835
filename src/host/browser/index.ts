import type { Host, HostConsole } from "../../kernel/host.ts";
import { createClock } from "./clock.ts";
import { entropy } from "./entropy.ts";
import { startInterrupter } from "./interrupter.ts";

export { createCodeCompiler } from "./code-compiler.ts";

const GIB = 2 ** 30;
/** What a browser that does not tell is taken for. */
const USUAL_GIB = 4;

/** This worker as a {@link Host}: only its console can be reached. */
export async function createBrowserHost(console: HostConsole): Promise<Host> {
  const { hardwareConcurrency, deviceMemory = USUAL_GIB } = navigator as WorkerNavigator & { deviceMemory?: number };
  return {
    console,
    clock: createClock(await startInterrupter()),
    entropy,
    machine: { memoryBytes: deviceMemory * GIB, processors: hardwareConcurrency },
  };
}
