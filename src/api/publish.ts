import { LOCAL, type NodeNetwork, PortRefusal, type PublishedPort } from "../host/node/index.ts";
import { DrupeError } from "./error.ts";
import type { PortOption } from "./options.ts";

/**
 * Listens for a guest at ports of this machine.
 *
 * @throws {DrupeError} if one cannot be had; then none is kept.
 */
export async function publish(
  network: NodeNetwork,
  ports: readonly PortOption[] = [],
): Promise<readonly PublishedPort[]> {
  const published: PublishedPort[] = [];
  for (const { host, guest, address = LOCAL } of ports) {
    for (const port of [host, guest]) {
      const least = port === guest ? 1 : 0;
      if (!Number.isInteger(port) || port < least || port > 65_535) {
        network.close();
        throw new DrupeError(`${port} is no port`, "Ports go from 1 to 65535; 0 is any free port of this machine.");
      }
    }
    try {
      published.push(await network.publish({ address, host, guest }));
    } catch (error) {
      network.close();
      throw error instanceof PortRefusal ? new DrupeError(error.message, error.cure) : error;
    }
  }
  return published;
}
