import type { NodeNetwork, PublishedPort } from "../host/node/index.ts";
import { DrupeError } from "./error.ts";
import type { PortOption } from "./options.ts";

/** Where ports are listened at that say nothing of it: who is not on this machine does not reach the guest. */
const LOCAL = "127.0.0.1";

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
      throw refusal(error, address, host);
    }
  }
  return published;
}

function refusal(error: unknown, address: string, port: number): DrupeError {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case "EADDRINUSE":
      return new DrupeError(`port ${port} of ${address} is in use`, "Publish another one, or 0 for any that is free.");
    case "EACCES":
      return new DrupeError(`port ${port} of ${address} is not for this user`, "Publish one from 1024 up.");
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new DrupeError(`${address} is no address of this machine`, "Leave it out for 127.0.0.1.");
    default:
      return new DrupeError(`port ${port} of ${address} cannot be published: ${code ?? String(error)}`);
  }
}
