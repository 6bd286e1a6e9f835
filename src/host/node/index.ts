import { createHash } from "node:crypto";
import { availableParallelism, totalmem } from "node:os";
import type { Host } from "../../kernel/host.ts";
import { createClock } from "./clock.ts";
import { entropy } from "./entropy.ts";

export { createCodeCompiler } from "./code-compiler.ts";
export { createConsole, isTerminal } from "./console.ts";
export { openHostFolder } from "./files.ts";
export { type GrantedVolumes, openVolumes, type WantedVolume } from "./granted-volumes.ts";
export { keepingCompiler, usualPlaces } from "./kept-code.ts";
export { LOCAL, NodeNetwork, PortRefusal, type PublishedPort } from "./ports.ts";
export { createTranslationStore } from "./translation-cache.ts";
export { volumeFolder } from "./volumes.ts";

/** This Node process as a {@link Host}: only the console, and the folders, volumes and ports that were granted, can be reached. */
export function createNodeHost(
  granted: Pick<Host, "console" | "files" | "volumes" | "network">,
): Host & { close(): void } {
  const clock = createClock();
  return {
    ...granted,
    clock,
    entropy,
    digest: (bytes) => createHash("sha256").update(bytes).digest("hex"),
    get machine() {
      return { memoryBytes: totalmem(), processors: availableParallelism() };
    },
    close: () => clock.close(),
  };
}
