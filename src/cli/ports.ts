import type { PublishedPort } from "../api/index.ts";
import type { Port } from "../entry/ports.ts";

/** Names the ports that were chosen because any would do. */
export function tellChosen(asked: readonly Port[], published: readonly PublishedPort[]): void {
  for (const [i, { address, host, guest }] of published.entries()) {
    if (asked[i]?.host !== 0) continue;
    const shown = address.includes(":") ? `[${address}]` : address;
    process.stderr.write(`drupe: ${shown}:${host} leads to port ${guest}\n`);
  }
}
