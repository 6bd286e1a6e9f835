/** Options of the levels IPPROTO_IP, IPPROTO_IPV6 and IPPROTO_TCP (ip(7), ipv6(7), tcp(7)). */
import { EINVAL, ENOPROTOOPT, Errno, type Result } from "../../abi/errno.ts";
import { IP, IPPROTO, IPV6, TCP } from "../../abi/inet.ts";
import { AF } from "../../abi/socket.ts";
import type { Task } from "../../kernel/task.ts";
import type { Setting } from "../socket/index.ts";
import type { InetFamily } from "./address.ts";

/** A number that is kept. */
interface Option {
  readonly initial: number;
  /** What is kept of a number that is given; undefined if it is refused. */
  accept(value: number): number | undefined;
}

const flag = (initial: number): Option => ({ initial, accept: (value) => (value === 0 ? 0 : 1) });

const range = (initial: number, least: number, most: number): Option => ({
  initial,
  accept: (value) => (value < least || value > most ? undefined : value),
});

/** -1 means the usual one. */
const orUsual = ({ initial, accept }: Option): Option => ({
  initial,
  accept: (value) => (value === -1 ? initial : accept(value)),
});

/**
 * All of these are about packets that are late or lost, or about who handles them on their way. On the loopback bytes are
 * there when they are sent: they are kept, and there is nothing for them to act on.
 */
const TCP_OPTIONS: ReadonlyMap<number, Option> = new Map([
  [TCP.NODELAY, flag(0)],
  [TCP.CORK, flag(0)],
  [TCP.KEEPIDLE, range(7200, 1, 32_767)],
  [TCP.KEEPINTVL, range(75, 1, 32_767)],
  [TCP.KEEPCNT, range(9, 1, 127)],
  [TCP.SYNCNT, range(6, 1, 127)],
  [TCP.QUICKACK, flag(1)],
  [TCP.USER_TIMEOUT, range(0, 0, 0x7fff_ffff)],
]);

const IP_OPTIONS: ReadonlyMap<number, Option> = new Map([
  [IP.TOS, { initial: 0, accept: (value: number) => value & 0xff }],
  [IP.TTL, orUsual(range(64, 1, 255))],
  [IP.MTU_DISCOVER, range(1, 0, 5)],
  [IP.PKTINFO, flag(0)],
  [IP.RECVTTL, flag(0)],
  [IP.RECVTOS, flag(0)],
]);

const IPV6_OPTIONS: ReadonlyMap<number, Option> = new Map([
  [IPV6.UNICAST_HOPS, orUsual(range(64, 0, 255))],
  [IPV6.MTU_DISCOVER, range(1, 0, 5)],
  [IPV6.TCLASS, orUsual(range(0, 0, 255))],
  [IPV6.V6ONLY, flag(0)],
  [IPV6.RECVPKTINFO, flag(0)],
  [IPV6.RECVHOPLIMIT, flag(0)],
  [IPV6.RECVTCLASS, flag(0)],
]);

/** What a socket's options are set to. */
export class OptionStore {
  private readonly levels: ReadonlyMap<number, ReadonlyMap<number, Option>>;
  private readonly values = new Map<Option, number>();

  constructor(family: InetFamily, protocol: number) {
    this.levels = new Map<number, ReadonlyMap<number, Option>>([
      [IPPROTO.IP, IP_OPTIONS],
      ...(family === AF.INET6 ? [[IPPROTO.IPV6, IPV6_OPTIONS] as const] : []),
      ...(protocol === IPPROTO.TCP ? [[IPPROTO.TCP, TCP_OPTIONS] as const] : []),
    ]);
  }

  /** Takes over what another socket has. */
  copyFrom(other: OptionStore): void {
    for (const [option, value] of other.values) this.values.set(option, value);
  }

  has(level: number): boolean {
    return this.levels.has(level);
  }

  /** An option's value; undefined if there is no such option. */
  get(level: number, option: number): number | undefined {
    const known = this.levels.get(level)?.get(option);
    return known === undefined ? undefined : (this.values.get(known) ?? known.initial);
  }

  set(task: Task, setting: Setting): Result<0> {
    const given = readNumber(task, setting);
    if (given instanceof Errno) return given;
    const known = this.levels.get(setting.level)?.get(setting.option);
    if (known === undefined) return ENOPROTOOPT;
    const value = known.accept(given);
    if (value === undefined) return EINVAL;
    this.values.set(known, value);
    return 0;
  }
}

/** A number of four bytes; the level IPPROTO_IP takes one byte too (ip_setsockopt). */
function readNumber(task: Task, { level, at, length }: Setting): Result<number> {
  const size = length < 4 && level === IPPROTO.IP ? 1 : 4;
  if (length < size) return EINVAL;
  const bytes = task.mm.read(at, size);
  if (bytes instanceof Errno) return bytes;
  return size === 1 ? bytes[0]! : new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
}
