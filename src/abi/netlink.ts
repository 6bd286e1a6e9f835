/** Netlink, and what it tells of interfaces (linux/netlink.h, linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h). */
import { i32, struct, u8, u16, u32 } from "../base/struct.ts";

export const NETLINK_ROUTE = 0;

export const nlmsghdr = struct({ length: u32, type: u16, flags: u16, sequence: u32, port: u32 });
export const sockaddrNl = struct({ family: u16, pad: u16, port: u32, groups: u32 });
export const ifinfomsg = struct({ family: u8, pad: u8, type: u16, index: i32, flags: u32, change: u32 });
export const ifaddrmsg = struct({ family: u8, prefixLength: u8, flags: u8, scope: u8, index: u32 });

/** Messages and their attributes are aligned to this. */
export const NLMSG_ALIGN = 4;

export const NLMSG = { NOOP: 1, ERROR: 2, DONE: 3, MIN_TYPE: 16 } as const;
export const NLM_F = { REQUEST: 1, MULTI: 2, ACK: 4, ROOT: 0x100, MATCH: 0x200, DUMP: 0x300 } as const;
export const RTM = { NEWLINK: 16, GETLINK: 18, NEWADDR: 20, GETADDR: 22 } as const;

export const IFLA = {
  ADDRESS: 1,
  BROADCAST: 2,
  IFNAME: 3,
  MTU: 4,
  QDISC: 6,
  TXQLEN: 13,
  OPERSTATE: 16,
  LINKMODE: 17,
} as const;
export const IFA = { ADDRESS: 1, LOCAL: 2, LABEL: 3, CACHEINFO: 6, FLAGS: 8 } as const;
export const IFA_F_PERMANENT = 0x80;
/** An address that is valid on this machine only. */
export const RT_SCOPE_HOST = 254;
