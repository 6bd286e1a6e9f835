/** What travels beside the bytes of a datagram: fields of its header, as control messages ask and tell (ip(7), ipv6(7)). */
import { EINVAL, ENODEV, Errno, type Result } from "../../abi/errno.ts";
import { IP, IPPROTO, IPV6 } from "../../abi/inet.ts";
import { AF } from "../../abi/socket.ts";
import type { ControlMessage } from "../socket/index.ts";
import {
  ANY4,
  ANY6,
  type Endpoint,
  type InetFamily,
  type IpAddress,
  isVersion4,
  scopeOf,
  sockaddrOf,
} from "./address.ts";
import type { OptionStore } from "./options.ts";

export interface Packet {
  readonly bytes: Uint8Array;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly header: PacketHeader;
}

/** Fields that a sender may choose: nobody on the way looks at them. */
export interface PacketHeader {
  /** TTL, or hop limit: it is never counted down. */
  readonly hops: number;
  /** TOS, or traffic class. */
  readonly trafficClass: number;
  /** From which address of the machine; undefined for the socket's. */
  readonly source: IpAddress | undefined;
}

/** The number of the one interface. */
const LO_INDEX = 1;
/** Where the address lies in struct in_pktinfo, which has two, and in struct in6_pktinfo. */
const PKTINFO4 = { size: 12, index: 0, source: 4, destination: 8 } as const;
const PKTINFO6 = { size: 20, index: 16, source: 0, destination: 0 } as const;

/** The header of a datagram to an address, as options and control messages say (ip_cmsg_send, ip6_datagram_send_ctl). */
export function headerFor(
  to: IpAddress,
  levels: OptionStore,
  control: readonly ControlMessage[],
): Result<PacketHeader> {
  const level = isVersion4(to) ? IPPROTO.IP : IPPROTO.IPV6;
  const [hops, trafficClass] = isVersion4(to) ? [IP.TTL, IP.TOS] : [IPV6.UNICAST_HOPS, IPV6.TCLASS];
  let header: PacketHeader = {
    hops: levels.get(level, hops) ?? 0,
    trafficClass: levels.get(level, trafficClass) ?? 0,
    source: undefined,
  };
  for (const message of control) {
    if (message.level !== level) continue;
    const next = level === IPPROTO.IP ? withField4(header, message) : withField6(header, message);
    if (next instanceof Errno) return next;
    header = next;
  }
  return header;
}

function withField4(header: PacketHeader, { type, data }: ControlMessage): Result<PacketHeader> {
  switch (type) {
    case IP.PKTINFO:
      return withSource(header, data, PKTINFO4);
    case IP.TTL: {
      const hops = numberIn(data);
      return hops === undefined || hops < 1 || hops > 255 ? EINVAL : { ...header, hops };
    }
    case IP.TOS: {
      const trafficClass = data.length === 1 ? data[0] : numberIn(data);
      return trafficClass === undefined || trafficClass < 0 || trafficClass > 255
        ? EINVAL
        : { ...header, trafficClass };
    }
    default:
      return EINVAL;
  }
}

function withField6(header: PacketHeader, { type, data }: ControlMessage): Result<PacketHeader> {
  if (type === IPV6.PKTINFO) return withSource(header, data, PKTINFO6);
  if (type !== IPV6.HOPLIMIT && type !== IPV6.TCLASS) return EINVAL;
  const value = numberIn(data);
  if (value === undefined || value < -1 || value > 255) return EINVAL;
  // -1 leaves it to the socket.
  if (value === -1) return header;
  return type === IPV6.HOPLIMIT ? { ...header, hops: value } : { ...header, trafficClass: value };
}

/** struct in_pktinfo and in6_pktinfo name an interface and an address of the machine, or leave them to the kernel. */
function withSource(
  header: PacketHeader,
  data: Uint8Array,
  { size, index, source }: typeof PKTINFO4 | typeof PKTINFO6,
): Result<PacketHeader> {
  if (data.length !== size) return EINVAL;
  const wanted = new DataView(data.buffer, data.byteOffset).getInt32(index, true);
  if (wanted !== 0 && wanted !== LO_INDEX) return ENODEV;
  const length = size === PKTINFO4.size ? 4 : 16;
  const address = String.fromCharCode(...data.subarray(source, source + length)) as IpAddress;
  if (address === ANY4 || address === ANY6) return header;
  return scopeOf(address) === "local" ? { ...header, source: address } : EINVAL;
}

function numberIn(data: Uint8Array): number | undefined {
  return data.length === 4 ? new DataView(data.buffer, data.byteOffset).getInt32(0, true) : undefined;
}

/** What a receiver is told of a packet, as far as its options ask (ip_cmsg_recv_offset, ip6_datagram_recv_ctl). */
export function controlOf(packet: Packet, family: InetFamily, levels: OptionStore): readonly ControlMessage[] {
  const { to, header } = packet;
  const asks = (level: number, option: number): boolean => levels.get(level, option) === 1;
  const messages: ControlMessage[] = [];
  const tell = (level: number, type: number, data: Uint8Array): void => void messages.push({ level, type, data });
  if (family === AF.INET6 && asks(IPPROTO.IPV6, IPV6.RECVPKTINFO)) tell(IPPROTO.IPV6, IPV6.PKTINFO, pktinfo6(to));
  if (isVersion4(to.address)) {
    if (asks(IPPROTO.IP, IP.PKTINFO)) tell(IPPROTO.IP, IP.PKTINFO, pktinfo4(to));
    if (asks(IPPROTO.IP, IP.RECVTTL)) tell(IPPROTO.IP, IP.TTL, int(header.hops));
    if (asks(IPPROTO.IP, IP.RECVTOS)) tell(IPPROTO.IP, IP.TOS, Uint8Array.of(header.trafficClass));
  } else {
    if (asks(IPPROTO.IPV6, IPV6.RECVHOPLIMIT)) tell(IPPROTO.IPV6, IPV6.HOPLIMIT, int(header.hops));
    if (asks(IPPROTO.IPV6, IPV6.RECVTCLASS)) tell(IPPROTO.IPV6, IPV6.TCLASS, int(header.trafficClass));
  }
  return messages;
}

function pktinfo4(to: Endpoint): Uint8Array {
  const bytes = new Uint8Array(PKTINFO4.size);
  const address = sockaddrOf(AF.INET, to).subarray(4, 8);
  new DataView(bytes.buffer).setInt32(PKTINFO4.index, LO_INDEX, true);
  bytes.set(address, PKTINFO4.source);
  bytes.set(address, PKTINFO4.destination);
  return bytes;
}

function pktinfo6(to: Endpoint): Uint8Array {
  const bytes = new Uint8Array(PKTINFO6.size);
  bytes.set(sockaddrOf(AF.INET6, to).subarray(8, 24), PKTINFO6.destination);
  new DataView(bytes.buffer).setInt32(PKTINFO6.index, LO_INDEX, true);
  return bytes;
}

const int = (value: number): Uint8Array => new Uint8Array(new Int32Array([value]).buffer);
