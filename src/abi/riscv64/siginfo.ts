/** siginfo_t, sigevent and what signalfd reads (asm-generic/siginfo.h, linux/signalfd.h). */
import {
  array,
  bits64,
  i16,
  i32,
  i64,
  type Layout,
  type StructOf,
  struct,
  u8,
  u16,
  u32,
  u64,
} from "../../base/struct.ts";
import { SI, SIG } from "../signal.ts";
import type { Signo } from "../types.ts";

interface Common {
  readonly signo: Signo;
  readonly errno?: number;
  readonly code: number;
}

/** What comes with a signal: which members of siginfo_t's union count follows from signal and code. */
export type SigInfo =
  /** kill(2), tkill(2), and the kernel itself. */
  | (Common & { readonly kind: "kill"; readonly pid: number; readonly uid: number })
  | (Common & { readonly kind: "timer"; readonly timer: number; readonly overrun: number; readonly value: bigint })
  /** sigqueue(3): a value of the sender. */
  | (Common & { readonly kind: "queue"; readonly pid: number; readonly uid: number; readonly value: bigint })
  | (Common & {
      readonly kind: "child";
      readonly pid: number;
      readonly uid: number;
      readonly status: number;
      /** In ticks of USER_HZ. */
      readonly utime: number;
      readonly stime: number;
    })
  | (Common & { readonly kind: "fault"; readonly address: bigint; readonly addressLsb?: number })
  | (Common & { readonly kind: "poll"; readonly band: number; readonly fd: number })
  | (Common & { readonly kind: "sys"; readonly callAddress: bigint; readonly syscall: number; readonly arch: number });

export const SIGINFO_SIZE = 128;

const head = struct({ signo: i32, errno: i32, code: i32, pad: i32 });

const members = {
  kill: struct({ ...headFields(), pid: i32, uid: u32 }),
  timer: struct({ ...headFields(), timer: i32, overrun: i32, value: bits64 }),
  queue: struct({ ...headFields(), pid: i32, uid: u32, value: bits64 }),
  child: struct({ ...headFields(), pid: i32, uid: u32, status: i32, utime: i64, stime: i64 }),
  fault: struct({ ...headFields(), address: bits64, addressLsb: i16 }),
  poll: struct({ ...headFields(), band: i64, fd: i32 }),
  sys: struct({ ...headFields(), callAddress: bits64, syscall: i32, arch: u32 }),
} as const satisfies Readonly<Record<SigInfo["kind"], Layout<unknown>>>;

function headFields() {
  return { signo: i32, errno: i32, code: i32, pad: i32 } as const;
}

/** Offsets of each member, as offsetof(siginfo_t, …) tells. */
export const siginfoOffsets = Object.freeze(
  Object.fromEntries(Object.entries(members).map(([kind, layout]) => [kind, layout.offsets])),
) as { readonly [K in keyof typeof members]: (typeof members)[K]["offsets"] };

/** Which members of the union a signal and its code use: siginfo_layout() of Linux kernel/signal.c. */
export function siginfoKind(signo: number, code: number): SigInfo["kind"] {
  if (code > SI.USER && code < SI.KERNEL) {
    const known = KERNEL_CODES.get(signo);
    if (known !== undefined && code <= known.codes) return known.kind;
    return code <= 6 ? "poll" : "kill";
  }
  if (code === SI.TIMER) return "timer";
  if (code === SI.SIGIO) return "poll";
  return code < 0 ? "queue" : "kill";
}

/** How many codes of its own each signal has (NSIGILL …). */
const KERNEL_CODES: ReadonlyMap<number, { readonly codes: number; readonly kind: SigInfo["kind"] }> = new Map([
  [SIG.ILL, { codes: 11, kind: "fault" }],
  [SIG.FPE, { codes: 15, kind: "fault" }],
  [SIG.SEGV, { codes: 10, kind: "fault" }],
  [SIG.BUS, { codes: 5, kind: "fault" }],
  [SIG.TRAP, { codes: 6, kind: "fault" }],
  [SIG.CHLD, { codes: 6, kind: "child" }],
  [SIG.IO, { codes: 6, kind: "poll" }],
  [SIG.SYS, { codes: 2, kind: "sys" }],
]);

/** siginfo_t: 128 bytes, those that no member uses zero. */
export const siginfo: Layout<SigInfo> = Object.freeze({
  size: SIGINFO_SIZE,
  align: 8,
  read(v: DataView, at: number) {
    const { signo, code } = head.read(v, at);
    const kind = siginfoKind(signo, code);
    const { pad: _, ...fields } = members[kind].read(v, at);
    return { kind, ...fields } as unknown as SigInfo;
  },
  write(v: DataView, at: number, info: SigInfo) {
    for (let i = 0; i < SIGINFO_SIZE; i += 4) v.setInt32(at + i, 0, true);
    fillInSiginfo(v, at, info);
  },
});

/** Writes a siginfo_t to where there are zeros. */
export function fillInSiginfo(v: DataView, at: number, info: SigInfo): void {
  if (info.kind === "kill") writeKill(v, at, info);
  else (members[info.kind] as Layout<unknown>).write(v, at, { errno: 0, pad: 0, addressLsb: 0, ...info });
}

/** The commonest kind, without what a layout of any members costs. */
function writeKill(
  v: DataView,
  at: number,
  { signo, errno, code, pid, uid }: Extract<SigInfo, { kind: "kill" }>,
): void {
  const { offsets } = members.kill;
  v.setInt32(at + offsets.signo, signo, true);
  v.setInt32(at + offsets.errno, errno ?? 0, true);
  v.setInt32(at + offsets.code, code, true);
  v.setInt32(at + offsets.pid, pid, true);
  v.setUint32(at + offsets.uid, uid, true);
}

/** struct sigevent: how a timer notifies. */
export const sigevent = struct({ value: bits64, signo: i32, notify: i32, tid: i32, pad: array(i32, 11) });

export type Sigevent = StructOf<typeof sigevent>;

/** struct signalfd_siginfo. */
export const signalfdSiginfo = struct({
  signo: u32,
  errno: i32,
  code: i32,
  pid: u32,
  uid: u32,
  fd: i32,
  tid: u32,
  band: u32,
  overrun: u32,
  trapno: u32,
  status: i32,
  int: i32,
  ptr: bits64,
  utime: u64,
  stime: u64,
  addr: bits64,
  addrLsb: u16,
  pad2: u16,
  syscall: i32,
  callAddr: bits64,
  arch: u32,
  pad: array(u8, 28),
});

export type SignalfdSiginfo = StructOf<typeof signalfdSiginfo>;
