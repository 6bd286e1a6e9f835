/** Answers to requests of rtnetlink(7): what interfaces and addresses there are. */
import { EINVAL, EOPNOTSUPP, type Errno } from "../../abi/errno.ts";
import {
  IFA,
  IFA_F_PERMANENT,
  IFLA,
  ifaddrmsg,
  ifinfomsg,
  NLM_F,
  NLMSG,
  NLMSG_ALIGN,
  nlmsghdr,
  RT_SCOPE_HOST,
  RTM,
} from "../../abi/netlink.ts";
import { AF } from "../../abi/socket.ts";
import { type Layout, roundUp } from "../../base/struct.ts";
import { LO } from "./loopback.ts";

type Attribute = readonly [type: number, value: Uint8Array];

/** Who asks, and under what number: every message of an answer says it again. */
interface Asker {
  readonly port: number;
  readonly sequence: number;
}

/** Answers the requests in a message, each with messages of its own (netlink_rcv_skb, rtnetlink_rcv_msg). */
export function answer(bytes: Uint8Array, port: number): readonly Uint8Array[] {
  const answers: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + nlmsghdr.size <= bytes.length; ) {
    const { length, type, flags, sequence } = nlmsghdr.read(view, at);
    if (length < nlmsghdr.size || at + length > bytes.length) break;
    const asker = { port, sequence };
    const request = bytes.subarray(at, at + length);
    at += roundUp(length, NLMSG_ALIGN);
    // Only requests, and no control messages.
    if (!(flags & NLM_F.REQUEST) || type < NLMSG.MIN_TYPE) {
      if (flags & NLM_F.ACK) answers.push(verdict(asker, request, undefined));
      continue;
    }
    const found = tell(type, flags, request, asker);
    if ("code" in found) answers.push(verdict(asker, request, found));
    else {
      answers.push(joined(found));
      if (flags & NLM_F.ACK && !isDump(flags)) answers.push(verdict(asker, request, undefined));
    }
  }
  return answers;
}

const isDump = (flags: number): boolean => (flags & NLM_F.DUMP) === NLM_F.DUMP;

function tell(type: number, flags: number, request: Uint8Array, asker: Asker): readonly Uint8Array[] | Errno {
  const family = request[nlmsghdr.size] ?? AF.UNSPEC;
  if (type === RTM.GETADDR && isDump(flags)) {
    const addresses = [
      ...(family === AF.UNSPEC || family === AF.INET ? [ipv4Address(asker)] : []),
      ...(family === AF.UNSPEC || family === AF.INET6 ? [ipv6Address(asker)] : []),
    ];
    return [...addresses, done(asker)];
  }
  if (type !== RTM.GETLINK) return EOPNOTSUPP;
  if (isDump(flags)) return [link(asker, NLM_F.MULTI), done(asker)];
  if (request.length < nlmsghdr.size + ifinfomsg.size) return EINVAL;
  return [link(asker, 0)];
}

function link(asker: Asker, flags: number): Uint8Array {
  const { type, index, flags: state, name, mtu, queueLength } = LO;
  const info = { family: AF.UNSPEC, pad: 0, type, index, flags: state, change: 0 };
  return message(RTM.NEWLINK, flags, asker, ifinfomsg, info, [
    [IFLA.IFNAME, text(name)],
    [IFLA.TXQLEN, u32Of(queueLength)],
    [IFLA.OPERSTATE, Uint8Array.of(0)],
    [IFLA.LINKMODE, Uint8Array.of(0)],
    [IFLA.MTU, u32Of(mtu)],
    [IFLA.ADDRESS, new Uint8Array(6)],
    [IFLA.BROADCAST, new Uint8Array(6)],
    [IFLA.QDISC, text("noqueue")],
  ]);
}

function ipv4Address(asker: Asker): Uint8Array {
  const { address, prefixLength } = LO.ipv4;
  return addressMessage(asker, AF.INET, prefixLength, [
    [IFA.ADDRESS, Uint8Array.from(address)],
    [IFA.LOCAL, Uint8Array.from(address)],
    [IFA.LABEL, text(LO.name)],
  ]);
}

function ipv6Address(asker: Asker): Uint8Array {
  const { address, prefixLength } = LO.ipv6;
  return addressMessage(asker, AF.INET6, prefixLength, [[IFA.ADDRESS, Uint8Array.from(address)]]);
}

function addressMessage(
  asker: Asker,
  family: number,
  prefixLength: number,
  attributes: readonly Attribute[],
): Uint8Array {
  const info = { family, prefixLength, flags: IFA_F_PERMANENT, scope: RT_SCOPE_HOST, index: LO.index };
  // It is preferred and valid for ever, and has been there since the machine was.
  const lifetimes = new Uint8Array(new Uint32Array([0xffff_ffff, 0xffff_ffff, 0, 0]).buffer);
  return message(RTM.NEWADDR, NLM_F.MULTI, asker, ifaddrmsg, info, [
    ...attributes,
    [IFA.FLAGS, u32Of(IFA_F_PERMANENT)],
    [IFA.CACHEINFO, lifetimes],
  ]);
}

/** The end of an answer of many messages. */
function done(asker: Asker): Uint8Array {
  return framed(NLMSG.DONE, NLM_F.MULTI, asker, new Uint8Array(4));
}

/** How a request went: an errno, or none, and the request (struct nlmsgerr). */
function verdict(asker: Asker, request: Uint8Array, error: Errno | undefined): Uint8Array {
  // Of one that went well the head is enough.
  const told = error === undefined ? request.subarray(0, nlmsghdr.size) : request;
  const body = new Uint8Array(4 + told.length);
  new DataView(body.buffer).setInt32(0, -(error?.code ?? 0), true);
  body.set(told, 4);
  return framed(NLMSG.ERROR, 0, asker, body);
}

function message<T>(
  type: number,
  flags: number,
  asker: Asker,
  layout: Layout<T>,
  value: T,
  attributes: readonly Attribute[],
): Uint8Array {
  const sizes = attributes.map(([, { length }]) => roundUp(ATTRIBUTE_HEAD + length, NLMSG_ALIGN));
  const body = new Uint8Array(roundUp(layout.size, NLMSG_ALIGN) + sizes.reduce((sum, size) => sum + size, 0));
  const view = new DataView(body.buffer);
  layout.write(view, 0, value);
  let at = roundUp(layout.size, NLMSG_ALIGN);
  for (const [i, [kind, bytes]] of attributes.entries()) {
    view.setUint16(at, ATTRIBUTE_HEAD + bytes.length, true);
    view.setUint16(at + 2, kind, true);
    body.set(bytes, at + ATTRIBUTE_HEAD);
    at += sizes[i]!;
  }
  return framed(type, flags, asker, body);
}

/** Bytes of struct rtattr. */
const ATTRIBUTE_HEAD = 4;

function framed(type: number, flags: number, { port, sequence }: Asker, body: Uint8Array): Uint8Array {
  const length = nlmsghdr.size + body.length;
  const bytes = new Uint8Array(roundUp(length, NLMSG_ALIGN));
  nlmsghdr.write(new DataView(bytes.buffer), 0, { length, type, flags, sequence, port });
  bytes.set(body, nlmsghdr.size);
  return bytes;
}

function joined(messages: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(messages.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of messages) {
    bytes.set(each, at);
    at += each.length;
  }
  return bytes;
}

const text = (name: string): Uint8Array => Uint8Array.from(`${name}\0`, (char) => char.charCodeAt(0));
const u32Of = (value: number): Uint8Array => new Uint8Array(new Uint32Array([value]).buffer);
