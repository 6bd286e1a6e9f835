import { randomFillSync } from "node:crypto";
import type { HostEntropy } from "../../kernel/host.ts";

export const entropy: HostEntropy = {
  fill(bytes) {
    // getRandomValues and its like refuse shared memory, so the bytes cross in a buffer of their own.
    bytes.set(randomFillSync(new Uint8Array(bytes.length)));
  },
};
