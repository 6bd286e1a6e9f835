/** Requests of ioctl(2) about interfaces, and what they carry (netdevice(7), linux/sockios.h, linux/if.h). */

export const SIOC = {
  GIFNAME: 0x8910,
  GIFCONF: 0x8912,
  GIFFLAGS: 0x8913,
  GIFADDR: 0x8915,
  GIFDSTADDR: 0x8917,
  GIFBRDADDR: 0x8919,
  GIFNETMASK: 0x891b,
  GIFMETRIC: 0x891d,
  GIFMTU: 0x8921,
  GIFHWADDR: 0x8927,
  GIFINDEX: 0x8933,
  GIFTXQLEN: 0x8942,
} as const;

export const IFF = { UP: 0x1, LOOPBACK: 0x8, RUNNING: 0x40, LOWER_UP: 0x1_0000 } as const;
/** The kind of hardware that is none. */
export const ARPHRD_LOOPBACK = 772;

/** struct ifreq: a name, and a union of 24 bytes. struct ifconf: a length, and where the ifreqs go. */
export const IFNAMSIZ = 16;
export const IFREQ_SIZE = 40;
export const IFCONF_BUFFER_AT = 8;
