/** The network of an image in Node: ports of this machine that lead to the guest's. */
import { LOCAL, NodeNetwork, type PublishedPort } from "../../host/node/ports.ts";
import { type Port, parsePort } from "../ports.ts";

/** A network with ports that are listened at. Throws if one cannot be had; then none is. */
export async function openNetwork(
  ports: readonly Port[],
  listening: (ports: readonly PublishedPort[]) => void,
): Promise<NodeNetwork> {
  const network = new NodeNetwork();
  try {
    const published: PublishedPort[] = [];
    for (const port of ports) published.push(await network.publish({ address: LOCAL, ...port }));
    listening(published);
  } catch (error) {
    network.close();
    throw error;
  }
  return network;
}

/** Reads a list of ports, separated by spaces. */
export function readPorts(text: string): readonly Port[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => {
      const port = parsePort(word);
      if (typeof port === "string") throw new Error(`${word}: ${port}`);
      return port;
    });
}
