/** Address families (linux/socket.h). */
export const AF = { UNSPEC: 0, UNIX: 1, INET: 2, NETLINK: 16, INET6: 10, PACKET: 17 } as const;

/** One more than the highest family. */
export const AF_MAX = 46;

/** Kinds of sockets (linux/net.h). */
export const SOCK = { STREAM: 1, DGRAM: 2, RAW: 3, RDM: 4, SEQPACKET: 5, DCCP: 6, PACKET: 10 } as const;

/** The bits of a kind; flags lie above. */
export const SOCK_TYPE_MASK = 0xf;
export const SOCK_MAX = 11;
export const SOCK_FLAG = { NONBLOCK: 0o4000, CLOEXEC: 0o2000000 } as const;

export const SOL_SOCKET = 1;

/** Options of every socket (asm-generic/socket.h). */
export const SO = {
  DEBUG: 1,
  REUSEADDR: 2,
  TYPE: 3,
  ERROR: 4,
  DONTROUTE: 5,
  BROADCAST: 6,
  SNDBUF: 7,
  RCVBUF: 8,
  KEEPALIVE: 9,
  OOBINLINE: 10,
  LINGER: 13,
  REUSEPORT: 15,
  PASSCRED: 16,
  PEERCRED: 17,
  RCVLOWAT: 18,
  SNDLOWAT: 19,
  RCVTIMEO: 20,
  SNDTIMEO: 21,
  ACCEPTCONN: 30,
  SNDBUFFORCE: 32,
  RCVBUFFORCE: 33,
  PROTOCOL: 38,
  DOMAIN: 39,
} as const;

/** Flags of a send or a receive (linux/socket.h). */
export const MSG = {
  OOB: 1,
  PEEK: 2,
  DONTROUTE: 4,
  CTRUNC: 8,
  TRUNC: 0x20,
  DONTWAIT: 0x40,
  EOR: 0x80,
  WAITALL: 0x100,
  CONFIRM: 0x800,
  ERRQUEUE: 0x2000,
  NOSIGNAL: 0x4000,
  MORE: 0x8000,
  WAITFORONE: 0x10000,
  CMSG_CLOEXEC: 0x4000_0000,
  CMSG_COMPAT: 0x8000_0000,
} as const;

export const SHUT = { RD: 0, WR: 1, RDWR: 2 } as const;

/** Kinds of ancillary messages of the level SOL_SOCKET. */
export const SCM = { RIGHTS: 1, CREDENTIALS: 2 } as const;

/** As many descriptors as one message carries (SCM_MAX_FD in net/scm.h). */
export const SCM_MAX_FD = 253;

/** The longest address: sizeof (struct sockaddr_storage). */
export const ADDRESS_MAX = 128;

/** The most connections that may wait to be accepted (net.core.somaxconn). */
export const SOMAXCONN = 4096;
