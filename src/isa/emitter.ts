import type { CodeBuilder } from "../base/wasm/code.ts";
import type { MemOpName } from "../base/wasm/opcodes.ts";

/** How the multiply-add family is computed: fused by the processor behind `relaxed_madd`, or by {@link Emitter.soft}. */
export type FmaMode = "relaxed" | "soft";

/** A source register field of an instruction. */
export type Source = "rs1" | "rs2" | "rs3";

/**
 * Where an instruction's operands come from and where its results go.
 *
 * Every instruction is lowered once, against this interface. The region translator answers with wasm locals and
 * constants, since it knows the instruction; the interpreter's generator answers with the register file in memory and
 * the fields of a pre-decoded record, since its code serves every instruction of that name.
 *
 * Methods that push leave one value on the wasm stack. Setters take a callback that pushes the value, because the
 * interpreter must push the register's address first. A setter evaluates its callback exactly once, even for x0.
 */
export interface Emitter {
  readonly code: CodeBuilder;
  readonly fma: FmaMode;
  /** Whether accrued exceptions are kept; false only while the program does not look at them. */
  readonly fflags: boolean;
  /**
   * Whether a dynamic rounding mode is known to be round-to-nearest-even here. When it is not, the lowering asks
   * {@link roundingMode} and falls back to {@link soft}.
   */
  readonly roundsToNearest: boolean;

  /** Pushes an integer register: i64. x0 is zero. */
  x(source: Source): void;
  /** Pushes the low word of an integer register: i32. */
  xw(source: Source): void;
  /** Sets the integer register rd to the i64 that `value` pushes. */
  setX(value: () => void): void;
  /** Sets rd to the sign extension of the i32 that `value` pushes. */
  setXw(value: () => void): void;

  /** Pushes the immediate, sign-extended: i64. */
  imm(): void;
  /** Pushes the immediate: i32. Shift amounts, and the operands of W instructions. */
  immw(): void;
  /** Whether rs1 and rs2 are known to be one register, as in the moves, negations and absolute values of F and D. */
  readonly oneSource: boolean;
  /** Pushes the address of this instruction: i64. */
  pc(): void;

  /** Pushes the raw 64 bits of a floating-point register: i64. */
  fBits(source: Source): void;
  /** Pushes a floating-point register as a double: f64. */
  fd(source: Source): void;
  /** Pushes a floating-point register as a single: f32; a register that is not NaN-boxed reads as the canonical NaN. */
  fs(source: Source): void;
  /** Sets the floating-point register rd to raw bits: i64. */
  setFBits(value: () => void): void;
  /** Sets rd to a double: f64. The caller has made NaNs canonical. */
  setFd(value: () => void): void;
  /** Sets rd to a NaN-boxed single: f32. The caller has made NaNs canonical. */
  setFs(value: () => void): void;

  /** Pushes what `op` loads from rs1 + imm, under the memory policy of the address space; a refused access exits. */
  load(op: MemOpName): void;
  /** Stores to rs1 + imm what `value` pushes. */
  store(op: MemOpName, value: () => void): void;
  /** Pushes the wasm address (i32) in rs1 after the policy's check and the alignment check for `bytes`; a refused one exits. */
  atomicAddress(bytes: 4 | 8, access: "read" | "write"): void;

  /** Pushes a 32-bit word of the hart (see {@link HartWord}). */
  hartWord(word: HartWord): void;
  setHartWord(word: HartWord, value: () => void): void;
  /** Pushes a 64-bit word of the hart. */
  hartLong(word: HartLong): void;
  setHartLong(word: HartLong, value: () => void): void;

  /** Pushes the instruction's rounding mode field if it is static, frm if it is dynamic (7): i32. */
  roundingMode(): void;
  /** The static rounding mode field, if this emitter knows the instruction: 0 to 4, or 7 for dynamic. */
  readonly staticRounding: number | undefined;

  /** Pushes the number of the CSR that the instruction names: i32. */
  csr(): void;
  /** That number, if this emitter knows the instruction. */
  readonly staticCsr: number | undefined;

  /**
   * Calls the out-of-line routine `op` (see softfloat/): operands are the raw bits in `soft0`, `soft1` and `soft2`, the
   * rounding mode is in `softRm`, the result is left in `softResult`; flags are accrued into `fflags`.
   */
  soft(op: number): void;
  /** Leaves with an illegal-instruction fault at this instruction. */
  illegal(): void;
}

/** 32-bit words of the hart that lowered code reads and writes. */
export type HartWord = "fflags" | "frm" | "softRm";

/** 64-bit words of the hart that lowered code reads and writes. `reserved` is the address of an LR, or -1. */
export type HartLong = "reserved" | "reservedValue" | "soft0" | "soft1" | "soft2" | "softResult" | "cycle" | "time";
