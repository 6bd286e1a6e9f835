/** Why the interpreter's function returned, beyond EXIT: reasons that only an engine sees. */
export const LEAVE = {
  /** As many instructions were run as asked for (not exactly: at the next jump). pc is the next instruction. */
  SLICE: 0x40,
  /** pc has translated code. */
  TRANSLATED: 0x41,
  /** pc was jumped to often enough; its counter starts again. */
  HOT: 0x42,
  /** A fence.i was executed: what was made of written code is to be forgotten. pc is behind it. */
  FENCE: 0x43,
  /** pc is an instruction on fflags or fcsr, which was not run: see FLAG_WATCH. */
  FLAGS: 0x44,
} as const;

/** Values of the hart's `flagWatch` word. */
export const FLAG_WATCH = {
  /** Instructions on fflags and fcsr are run like others. */
  OFF: 0,
  /** The interpreter leaves before such an instruction. */
  ON: 1,
  /** It runs the next one, and goes over to ON. */
  PASS: 2,
} as const;
