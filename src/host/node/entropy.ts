import { randomFillSync } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import type { HostEntropy } from "../../kernel/host.ts";

/** More than what a program is started with. */
const FEW = 64;

/** The system's random numbers. */
export const entropy: HostEntropy = {
  fill(bytes) {
    // What fills bytes refuses shared memory, so they cross in a buffer of their own.
    const own = new Uint8Array(bytes.length);
    bytes.set(own.length <= FEW && fromDevice(own) ? own : randomFillSync(own));
  },
};

/** A few bytes come from the system's device: loading Node's cryptography takes longer than most programs run. */
function fromDevice(bytes: Uint8Array): boolean {
  let fd: number | undefined;
  try {
    fd = openSync("/dev/urandom", "r");
    return readSync(fd, bytes) === bytes.length;
  } catch {
    return false;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
