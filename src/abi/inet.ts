/** The internet families: protocols and their options (linux/in.h, linux/in6.h, linux/tcp.h, linux/sockios.h). */

export const IPPROTO = { IP: 0, TCP: 6, UDP: 17, IPV6: 41 } as const;
export const IPPROTO_MAX = 263;

/** Options of the level IPPROTO_IP. */
export const IP = { TOS: 1, TTL: 2, PKTINFO: 8, MTU_DISCOVER: 10, RECVTTL: 12, RECVTOS: 13 } as const;

/** Options of the level IPPROTO_IPV6. */
export const IPV6 = {
  UNICAST_HOPS: 16,
  MTU_DISCOVER: 23,
  V6ONLY: 26,
  RECVPKTINFO: 49,
  PKTINFO: 50,
  RECVHOPLIMIT: 51,
  HOPLIMIT: 52,
  RECVTCLASS: 66,
  TCLASS: 67,
} as const;

/** Options of the level IPPROTO_TCP. */
export const TCP = {
  NODELAY: 1,
  MAXSEG: 2,
  CORK: 3,
  KEEPIDLE: 4,
  KEEPINTVL: 5,
  KEEPCNT: 6,
  SYNCNT: 7,
  LINGER2: 8,
  INFO: 11,
  QUICKACK: 12,
  USER_TIMEOUT: 18,
} as const;

/** ip_local_port_range: the ports that are given to who asks for any. */
export const EPHEMERAL_PORTS = { first: 32_768, last: 60_999 } as const;

/** ip_unprivileged_port_start: lower ports are for who has CAP_NET_BIND_SERVICE. */
export const FIRST_UNPRIVILEGED_PORT = 1024;

/** The most bytes of one datagram: what 16 bits of length leave behind the headers of IP and UDP. */
export const DATAGRAM_MAX = 65_507;

/** Bytes of struct sockaddr_in and struct sockaddr_in6, and of the latter as RFC 2133 had it. */
export const SOCKADDR_IN_SIZE = 16;
export const SOCKADDR_IN6_SIZE = 28;
export const SOCKADDR_IN6_SIZE_RFC2133 = 24;
