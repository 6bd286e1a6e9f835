import { BUS, CLD, FPE, ILL, POLL_CODE, SEGV, SI, SIG, SYS_CODE, TRAP } from "../../abi/signal.ts";

/** The codes of each signal that has its own, and what strace puts before them. */
const OWN_CODES: ReadonlyMap<number, readonly [prefix: string, codes: Readonly<Record<string, number>>]> = new Map([
  [SIG.ILL, ["ILL", ILL]],
  [SIG.FPE, ["FPE", FPE]],
  [SIG.SEGV, ["SEGV", SEGV]],
  [SIG.BUS, ["BUS", BUS]],
  [SIG.TRAP, ["TRAP", TRAP]],
  [SIG.CHLD, ["CLD", CLD]],
  [SIG.IO, ["POLL", POLL_CODE]],
  [SIG.SYS, ["SYS", SYS_CODE]],
] as const);

/** Names si_code: SI_USER, SEGV_MAPERR … */
export function formatCode(signo: number, code: number): string {
  const sender = Object.entries(SI).find(([, value]) => value === code);
  if (sender !== undefined) return `SI_${sender[0]}`;
  const [prefix, codes] = OWN_CODES.get(signo) ?? ["", {}];
  const own = Object.entries(codes).find(([, value]) => value === code);
  return own === undefined ? `${code}` : `${prefix}_${own[0]}`;
}
