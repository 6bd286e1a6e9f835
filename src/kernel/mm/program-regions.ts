/** Where the loader put things, for /proc/self/stat, /proc/self/auxv and the return from signal handlers. */
export interface ProgramRegions {
  readonly startCode: number;
  readonly endCode: number;
  readonly startData: number;
  readonly endData: number;
  readonly startBrk: number;
  readonly startStack: number;
  readonly argStart: number;
  readonly argEnd: number;
  readonly envStart: number;
  readonly envEnd: number;
  /** The auxiliary vector as it lies on the stack. */
  readonly auxv: Uint8Array;
  /** Where the vDSO is mapped. */
  readonly vdso: number;
  /** Address of __vdso_rt_sigreturn. */
  readonly sigreturn: number;
}

/** Of an address space without a program. */
export const NO_REGIONS: ProgramRegions = {
  startCode: 0,
  endCode: 0,
  startData: 0,
  endData: 0,
  startBrk: 0,
  startStack: 0,
  argStart: 0,
  argEnd: 0,
  envStart: 0,
  envEnd: 0,
  auxv: new Uint8Array(),
  vdso: 0,
  sigreturn: 0,
};
