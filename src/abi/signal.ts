/** Signals: numbers, sigaction flags and the codes of siginfo (asm-generic/signal.h, asm-generic/siginfo.h). */
import type { Signo } from "./types.ts";

function signos<const T extends Readonly<Record<string, number>>>(table: T): { readonly [K in keyof T]: Signo } {
  return table as unknown as { readonly [K in keyof T]: Signo };
}

export const SIG = signos({
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  PWR: 30,
  SYS: 31,
});

/** Signals are numbered 1 to 64; those from SIGRTMIN up are real-time: queued, in order, with a value. */
export const SIGRTMIN = 32 as Signo;
export const NSIG = 64;

export function isSignal(number: number): number is Signo {
  return number >= 1 && number <= NSIG;
}

/** The name as signal(7) and strace(1) write it: SIGINT, SIGRT_1; SIGRTMIN is SIGRT_0 for the kernel. */
export function signalName(signo: number): string {
  const known = NAMES.get(signo);
  if (known !== undefined) return known;
  if (signo === SIGRTMIN) return "SIGRTMIN";
  return isSignal(signo) ? `SIGRT_${signo - SIGRTMIN}` : `${signo}`;
}

const NAMES = new Map<number, string>(Object.entries(SIG).map(([name, signo]) => [signo, `SIG${name}`]));

/** What sa_handler holds when it is no address. */
export const SIG_DFL = 0;
export const SIG_IGN = 1;

/** How rt_sigprocmask combines masks. */
export const SIG_HOW = { BLOCK: 0, UNBLOCK: 1, SETMASK: 2 } as const;

export const SA = {
  NOCLDSTOP: 0x1,
  NOCLDWAIT: 0x2,
  SIGINFO: 0x4,
  UNSUPPORTED: 0x400,
  EXPOSE_TAGBITS: 0x800,
  ONSTACK: 0x0800_0000,
  RESTART: 0x1000_0000,
  NODEFER: 0x4000_0000,
  RESETHAND: 0x8000_0000,
} as const;

/** Flags of stack_t (linux/signal.h). AUTODISARM is bit 31. */
export const SS = { ONSTACK: 1, DISABLE: 2, AUTODISARM: 0x8000_0000 } as const;

/** Smallest alternate stack that sigaltstack(2) takes (asm-generic/signal.h). */
export const MINSIGSTKSZ = 2048;

/** si_code: who sent it. Positive codes are the kernel's and depend on the signal. */
export const SI = {
  USER: 0,
  KERNEL: 0x80,
  QUEUE: -1,
  TIMER: -2,
  MESGQ: -3,
  ASYNCIO: -4,
  SIGIO: -5,
  TKILL: -6,
} as const;

export const ILL = { ILLOPC: 1, ILLOPN: 2, ILLADR: 3, ILLTRP: 4, PRVOPC: 5, PRVREG: 6, COPROC: 7, BADSTK: 8 } as const;
export const FPE = { INTDIV: 1, INTOVF: 2, FLTDIV: 3, FLTOVF: 4, FLTUND: 5, FLTRES: 6, FLTINV: 7, FLTSUB: 8 } as const;
export const SEGV = { MAPERR: 1, ACCERR: 2, BNDERR: 3, PKUERR: 4 } as const;
export const BUS = { ADRALN: 1, ADRERR: 2, OBJERR: 3 } as const;
export const TRAP = { BRKPT: 1, TRACE: 2, BRANCH: 3, HWBKPT: 4 } as const;
export const CLD = { EXITED: 1, KILLED: 2, DUMPED: 3, TRAPPED: 4, STOPPED: 5, CONTINUED: 6 } as const;
export const POLL_CODE = { IN: 1, OUT: 2, MSG: 3, ERR: 4, PRI: 5, HUP: 6 } as const;
export const SYS_CODE = { SECCOMP: 1, USER_DISPATCH: 2 } as const;

/** How a timer notifies (sigev_notify). */
export const SIGEV = { SIGNAL: 0, NONE: 1, THREAD: 2, THREAD_ID: 4 } as const;

/** Flags of signalfd4(2): those of open(2). */
export const SFD = { NONBLOCK: 0x800, CLOEXEC: 0x8_0000 } as const;
