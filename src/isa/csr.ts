/** The control and status registers that user mode has here (Zicsr, F, Zicntr); any other is an illegal instruction. */
export const CSR = { FFLAGS: 0x001, FRM: 0x002, FCSR: 0x003, CYCLE: 0xc00, TIME: 0xc01, INSTRET: 0xc02 } as const;

/** Accrued exception flags, as they lie in fflags. */
export const FFLAG = { NX: 1, UF: 2, OF: 4, DZ: 8, NV: 16 } as const;

const NAMES = new Map<number, string>(Object.entries(CSR).map(([name, number]) => [number, name.toLowerCase()]));

/** Name of a CSR, or its number in hexadecimal. */
export function csrName(number: number): string {
  return NAMES.get(number) ?? `0x${number.toString(16)}`;
}

/** Whether the CSR exists in user mode. */
export function csrExists(number: number): boolean {
  return NAMES.has(number);
}

/** Whether writing it is illegal: the two top bits of its number are ones (privileged manual, "CSR Address Mapping"). */
export function csrIsReadOnly(number: number): boolean {
  return number >> 10 === 3;
}
