/** Internet addresses as the kernel keeps them, and the sockaddrs that programs give and get (ip(7), ipv6(7)). */
import { EAFNOSUPPORT, EINVAL, type Result } from "../../abi/errno.ts";
import { SOCKADDR_IN_SIZE, SOCKADDR_IN6_SIZE, SOCKADDR_IN6_SIZE_RFC2133 } from "../../abi/inet.ts";
import { AF } from "../../abi/socket.ts";
import type { Brand } from "../../base/brand.ts";

/** Four bytes, or sixteen, one char a byte. An IPv4 address that IPv6 maps (::ffff:a.b.c.d) is kept as the four. */
export type IpAddress = Brand<string, "IpAddress">;

/** An address and a port of it. */
export interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
}

export type InetFamily = typeof AF.INET | typeof AF.INET6;

const ipAddress = (bytes: Iterable<number>): IpAddress => String.fromCharCode(...bytes) as IpAddress;

const MAPPED = "\0\0\0\0\0\0\0\0\0\0\xff\xff";

export const ANY4 = ipAddress([0, 0, 0, 0]);
export const ANY6 = ipAddress(new Uint8Array(16));
export const LOOPBACK4 = ipAddress([127, 0, 0, 1]);
export const LOOPBACK6 = ipAddress([...new Uint8Array(15), 1]);
const BROADCAST4 = ipAddress([127, 255, 255, 255]);

/** The address of a socket that has none of its own. */
export const anyOf = (family: InetFamily): IpAddress => (family === AF.INET ? ANY4 : ANY6);

export const isVersion4 = (address: IpAddress): boolean => address.length === 4;
export const isAny = (address: IpAddress): boolean => address === ANY4 || address === ANY6;

/** What the machine knows an address as: its one interface has 127.0.0.0/8 and ::1 (inet_addr_type). */
export type Scope = "local" | "broadcast" | "unreachable";

export function scopeOf(address: IpAddress): Scope {
  if (address === BROADCAST4) return "broadcast";
  return address === LOOPBACK6 || (isVersion4(address) && address.charCodeAt(0) === 127) ? "local" : "unreachable";
}

/** Where something goes that is sent to "any" address: to this machine. */
export function destinationOf(address: IpAddress): IpAddress {
  if (address === ANY4) return LOOPBACK4;
  return address === ANY6 ? LOOPBACK6 : address;
}

/** From where something goes to an address, if the sender has no say: the loopback's own address. */
export const sourceFor = (destination: IpAddress): IpAddress => (isVersion4(destination) ? LOOPBACK4 : LOOPBACK6);

export function familyIn(sockaddr: Uint8Array): number {
  return (sockaddr[0] ?? 0) | ((sockaddr[1] ?? 0) << 8);
}

/** Reads a sockaddr of a family: EINVAL if it is too short, EAFNOSUPPORT if it is of another. */
export function parseEndpoint(family: InetFamily, sockaddr: Uint8Array): Result<Endpoint> {
  const shortest = family === AF.INET ? SOCKADDR_IN_SIZE : SOCKADDR_IN6_SIZE_RFC2133;
  if (sockaddr.length < shortest) return EINVAL;
  return familyIn(sockaddr) === family ? readEndpoint(family, sockaddr) : EAFNOSUPPORT;
}

/** The same, whatever it says of its family. */
export function readEndpoint(family: InetFamily, sockaddr: Uint8Array): Endpoint {
  const port = (sockaddr[2]! << 8) | sockaddr[3]!;
  if (family === AF.INET) return { address: ipAddress(sockaddr.subarray(4, 8)), port };
  const address = ipAddress(sockaddr.subarray(8, 24));
  return { address: address.startsWith(MAPPED) ? (address.slice(MAPPED.length) as IpAddress) : address, port };
}

/** Makes a sockaddr as sockets of a family show it. */
export function sockaddrOf(family: InetFamily, { address, port }: Endpoint): Uint8Array {
  const bytes = new Uint8Array(family === AF.INET ? SOCKADDR_IN_SIZE : SOCKADDR_IN6_SIZE);
  bytes[0] = family;
  bytes[2] = port >>> 8;
  bytes[3] = port;
  const shown = family === AF.INET6 && isVersion4(address) ? MAPPED + address : address;
  const at = family === AF.INET ? 4 : 8;
  for (let i = 0; i < shown.length; i++) bytes[at + i] = shown.charCodeAt(i);
  return bytes;
}
