/** What one row of the instruction table says, and the few words in which rows are written. */
import type { Emitter } from "./emitter.ts";
import {
  type FieldName,
  type Fields,
  OPERANDS,
  type OperandName,
  pattern,
  type RegisterFile,
  tokens,
} from "./fields.ts";

export type Extension = "I" | "M" | "A" | "F" | "D" | "C" | "Zicsr" | "Zifencei" | "Zba" | "Zbb" | "Zbs" | "Zicond";

/**
 * What an instruction does besides computing rd, so that engines need no names:
 * - `op` computes a register from registers;
 * - `load`, `store`, `amo` touch memory and may fault;
 * - `branch` goes to pc + imm if its lowering leaves a nonzero i32, `jal` always, `jalr` to what its lowering leaves
 *   (i64); the jumps also set rd to the address behind them, after the target is computed;
 * - `csr` may change the rounding mode; `fence.i` makes written code visible; `fence` orders memory;
 * - `ecall` and `ebreak` leave to the kernel.
 */
export type Kind =
  | "op"
  | "load"
  | "store"
  | "amo"
  | "branch"
  | "jal"
  | "jalr"
  | "csr"
  | "fence"
  | "fence.i"
  | "ecall"
  | "ebreak";

/** Emits an instruction's semantics; what it leaves on the stack depends on {@link Kind}. */
export type Lower = (e: Emitter) => void;

/** One instruction of 32 bits. */
export interface Instruction {
  /** Dense number: the row's index in the table. */
  readonly number: number;
  readonly name: string;
  readonly extension: Extension;
  readonly kind: Kind;
  readonly match: number;
  readonly mask: number;
  /** How objdump prints it: operand names and punctuation. */
  readonly syntax: string;
  readonly operands: readonly OperandName[];
  /** Register file that each register field refers to; a field that is absent is not used. */
  readonly files: Readonly<Partial<Record<FieldName, RegisterFile>>>;
  /** Emits the semantics. `jal`, `ecall`, `ebreak` and `fence.i` have none beyond their kind, and emit nothing. */
  readonly lower: Lower;
}

/** An instruction as an extension's file writes it; its number follows from its place in the table. */
export type Row = Omit<Instruction, "number" | "extension">;

/** One instruction of 16 bits: an abbreviation of a longer one. */
export interface CompressedInstruction {
  readonly name: string;
  readonly match: number;
  readonly mask: number;
  readonly syntax: string;
  readonly operands: readonly OperandName[];
  /** Name of the instruction it stands for. */
  readonly expansion: string;
  /** Fields of the expansion that the short form implies. */
  readonly implied: Readonly<Partial<Fields>>;
  /** A field that must not be 0: the word is then reserved, and so illegal. */
  readonly nonzero: FieldName | undefined;
}

const nothing: Lower = () => undefined;

/** Writes a row; `bits` is the pattern of the manual's listing, `syntax` what objdump prints after the name. */
export function instruction(kind: Kind, name: string, bits: string, syntax: string, lower: Lower = nothing): Row {
  const operands = operandsOf(syntax);
  const files: Partial<Record<FieldName, RegisterFile>> = {};
  for (const operand of operands) {
    const { file, fields } = OPERANDS[operand]!;
    if (file !== undefined) for (const field of fields) files[field] = file;
  }
  return { name, kind, ...pattern(bits), syntax, operands, files, lower };
}

/** Writes a row that computes a register from registers. */
export function op(name: string, bits: string, syntax: string, lower: Lower): Row {
  return instruction("op", name, bits, syntax, lower);
}

/** Writes a 16-bit row that stands for `expansion`. */
export function compressed(
  name: string,
  bits: string,
  syntax: string,
  expansion: string,
  implied: Partial<Fields> = {},
  nonzero?: FieldName,
): CompressedInstruction {
  return { name, ...pattern(bits), syntax, operands: operandsOf(syntax), expansion, implied, nonzero };
}

function operandsOf(syntax: string): OperandName[] {
  return tokens(syntax).filter((token): token is OperandName => token in OPERANDS);
}
