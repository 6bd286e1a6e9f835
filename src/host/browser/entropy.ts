import type { HostEntropy } from "../../kernel/host.ts";

/** Bytes that browsers give at a time. */
const MAXIMUM = 65_536;

export const entropy: HostEntropy = {
  fill(bytes) {
    // getRandomValues refuses shared memory, so the bytes cross in a buffer of their own.
    for (let at = 0; at < bytes.length; at += MAXIMUM) {
      const length = Math.min(MAXIMUM, bytes.length - at);
      bytes.set(crypto.getRandomValues(new Uint8Array(length)), at);
    }
  },
};
