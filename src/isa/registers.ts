/** Register names of the RISC-V calling convention (psABI, "Register Convention"). */

const INTEGER = "zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6";
const FLOAT =
  "ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 " +
  "ft8 ft9 ft10 ft11";

const integerNames = INTEGER.split(" ");
const floatNames = FLOAT.split(" ");

/** Names x0 to x31: `zero`, `ra`, `sp` … */
export function integerRegister(number: number): string {
  return integerNames[number]!;
}

/** Names f0 to f31: `ft0` … `fa0` … */
export function floatRegister(number: number): string {
  return floatNames[number]!;
}

/** Integer registers that code outside the table names. */
export const X = { ZERO: 0, RA: 1, SP: 2, GP: 3, TP: 4, T0: 5, T1: 6, T2: 7, A0: 10, A7: 17, T6: 31 } as const;
