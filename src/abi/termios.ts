/** Terminals' settings (asm-generic/termbits.h, asm-generic/termbits-common.h). */
import { array, type StructOf, struct, u8, u16, u32 } from "../base/struct.ts";

/** c_iflag */
export const I = {
  IGNBRK: 0o1,
  BRKINT: 0o2,
  IGNPAR: 0o4,
  PARMRK: 0o10,
  INPCK: 0o20,
  ISTRIP: 0o40,
  INLCR: 0o100,
  IGNCR: 0o200,
  ICRNL: 0o400,
  IUCLC: 0o1000,
  IXON: 0o2000,
  IXANY: 0o4000,
  IXOFF: 0o10000,
  IMAXBEL: 0o20000,
  IUTF8: 0o40000,
} as const;

/** c_oflag */
export const OFLAG = {
  OPOST: 0o1,
  OLCUC: 0o2,
  ONLCR: 0o4,
  OCRNL: 0o10,
  ONOCR: 0o20,
  ONLRET: 0o40,
  TABDLY: 0o14000,
  XTABS: 0o14000,
} as const;

/** c_cflag */
export const C = { B38400: 0o17, CSIZE: 0o60, CS8: 0o60, CREAD: 0o200, HUPCL: 0o2000 } as const;

/** c_lflag */
export const L = {
  ISIG: 0o1,
  ICANON: 0o2,
  XCASE: 0o4,
  ECHO: 0o10,
  ECHOE: 0o20,
  ECHOK: 0o40,
  ECHONL: 0o100,
  NOFLSH: 0o200,
  TOSTOP: 0o400,
  ECHOCTL: 0o1000,
  ECHOPRT: 0o2000,
  ECHOKE: 0o4000,
  FLUSHO: 0o10000,
  PENDIN: 0o40000,
  IEXTEN: 0o100000,
  EXTPROC: 0o200000,
} as const;

/** Places in c_cc. */
export const V = {
  INTR: 0,
  QUIT: 1,
  ERASE: 2,
  KILL: 3,
  EOF: 4,
  TIME: 5,
  MIN: 6,
  SWTC: 7,
  START: 8,
  STOP: 9,
  SUSP: 10,
  EOL: 11,
  REPRINT: 12,
  DISCARD: 13,
  WERASE: 14,
  LNEXT: 15,
  EOL2: 16,
} as const;

export const NCCS = 19;

/** tcflush(3) and tcflow(3) through TCFLSH and TCXONC. */
export const FLUSH = { INPUT: 0, OUTPUT: 1, BOTH: 2 } as const;
export const FLOW = { OUTPUT_OFF: 0, OUTPUT_ON: 1, INPUT_OFF: 2, INPUT_ON: 3 } as const;

const settings = { iflag: u32, oflag: u32, cflag: u32, lflag: u32, line: u8, cc: array(u8, NCCS) };

/** struct termios of the kernel (36 bytes), not the C library's. */
export const termiosLayout = struct(settings);
/** struct termios2: with speeds, 44 bytes. */
export const termios2Layout = struct({ ...settings, ispeed: u32, ospeed: u32 });
export type Termios = StructOf<typeof termios2Layout>;

export const winsizeLayout = struct({ rows: u16, columns: u16, xpixels: u16, ypixels: u16 });
export type Winsize = StructOf<typeof winsizeLayout>;

/** A terminal as Linux opens it first (tty_std_termios in drivers/tty/tty_io.c). */
export const STANDARD_TERMIOS: Termios = {
  iflag: I.ICRNL | I.IXON,
  oflag: OFLAG.OPOST | OFLAG.ONLCR,
  cflag: C.B38400 | C.CS8 | C.CREAD | C.HUPCL,
  lflag: L.ISIG | L.ICANON | L.ECHO | L.ECHOE | L.ECHOK | L.ECHOCTL | L.ECHOKE | L.IEXTEN,
  line: 0,
  // INIT_C_CC in linux/termios_internal.h
  cc: [3, 0x1c, 0x7f, 0x15, 4, 0, 1, 0, 0x11, 0x13, 0x1a, 0, 0x12, 0x0f, 0x17, 0x16, 0, 0, 0],
  ispeed: 38400,
  ospeed: 38400,
};
