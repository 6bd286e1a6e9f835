import type { Host } from "../../kernel/host.ts";
import { createClock } from "./clock.ts";
import { entropy } from "./entropy.ts";
import { startInterrupter } from "./interrupter.ts";

export { createCodeCompiler } from "./code-compiler.ts";

const GIB = 2 ** 30;
/** What a browser that does not tell is taken for. */
const USUAL_GIB = 4;

/** This worker as a {@link Host}: only the console and the volumes that were granted can be reached; who connects to the guest comes by `network`. */
export async function createBrowserHost(granted: Pick<Host, "console" | "network" | "volumes">): Promise<Host> {
  const { hardwareConcurrency, deviceMemory = USUAL_GIB } = navigator as WorkerNavigator & { deviceMemory?: number };
  return {
    ...granted,
    clock: createClock(await startInterrupter()),
    entropy,
    machine: { memoryBytes: deviceMemory * GIB, processors: hardwareConcurrency },
  };
}
