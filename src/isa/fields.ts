/**
 * Operand fields: where an instruction word keeps each register number and immediate, and how an assembler spells them.
 *
 * The bit ranges are written as in the figures of the RISC-V manual (volume I, "Base Instruction Formats" and the
 * listings of the C extension), so that a row can be compared with the page.
 */
import { csrName } from "./csr.ts";
import { floatRegister, integerRegister } from "./registers.ts";

/** The operand values of one decoded instruction; a field that the instruction lacks is 0. */
export interface Fields {
  rd: number;
  rs1: number;
  rs2: number;
  rs3: number;
  /** Immediate, sign-extended where the manual does so; lui and auipc hold the value already shifted. Also fence sets. */
  imm: number;
  /** Rounding mode: see {@link ROUNDING}. */
  rm: number;
  csr: number;
  /** Ordering bits of an atomic: 2 is acquire, 1 is release. */
  aqrl: number;
}

export type FieldName = keyof Fields;

/** A register file: integer or floating-point. */
export type RegisterFile = "x" | "f";

/** A run of bits of the word: the lowest one, and the mask of the value. */
export interface Place {
  readonly low: number;
  readonly mask: number;
}

/** Bits `from` and up of the word that are bits `to` and up of the value, as many as `mask` has. */
export interface BitRun {
  readonly from: number;
  readonly to: number;
  readonly mask: number;
}

/** One operand: the fields that it fills, how it lies in the word, how it is printed. */
export interface Operand {
  readonly fields: readonly FieldName[];
  readonly file: RegisterFile | undefined;
  /** Where the value lies if it is one run of bits that need no more than a shift and a mask. */
  readonly place?: Place;
  /** Where the value's bits lie; with `signBits` and `base` this says all that {@link get} does, to who generates code. */
  readonly runs: readonly BitRun[];
  /** Width of the value if its top bit is a sign, else 0. */
  readonly signBits: number;
  /** What is added to the bits: the first register of a field that does not reach all. */
  readonly base: number;
  readonly get: (word: number) => number;
  readonly put: (value: number) => number;
  /** Values that {@link put} can express, for generators: least, greatest and step. */
  readonly range: readonly [least: number, greatest: number, step: number];
  readonly show: (value: number, pc: number) => string;
}

/** Static rounding modes (manual, "Floating-Point Control and Status Register"). 5 and 6 are reserved. */
export const ROUNDING = { RNE: 0, RTZ: 1, RDN: 2, RUP: 3, RMM: 4, DYN: 7 } as const;

const ROUNDING_NAMES = ["rne", "rtz", "rdn", "rup", "rmm", "unknown", "unknown", ""];

/**
 * Reads a layout such as `"12:5|4|2"` from bit `top` of the word downwards: each part names the bits of the value that
 * lie there.
 */
function layout(...runs: readonly [top: number, parts: string][]): (BitRun & { readonly top: number })[] {
  return runs.flatMap(([top, parts]) => {
    let next = top + 1;
    return parts.split("|").map((part) => {
      const [high, low = high] = part.split(":").map(Number) as [number, number?];
      const width = high - low + 1;
      next -= width;
      return { from: next, to: low, top: high + 1, mask: 2 ** width - 1 };
    });
  });
}

type Show = Operand["show"];

const decimal: Show = (value) => `${value}`;
const hex: Show = (value) => `0x${(value >>> 0).toString(16)}`;
const upper20: Show = (value) => `0x${(value >>> 12).toString(16)}`;
const target: Show = (value, pc) => `0x${BigInt.asUintN(64, BigInt(pc) + BigInt(value)).toString(16)}`;

function fenceSet(bits: number): string {
  const letters = [..."iorw"].filter((_, i) => bits & (8 >> i)).join("");
  return letters === "" ? "unknown" : letters;
}

function immediate(signed: boolean, show: Show, ...runs: readonly [number, string][]): Operand {
  const parts = layout(...runs);
  const top = Math.max(...parts.map((p) => p.top));
  const low = Math.min(...parts.map((p) => p.to));
  const unused = signed ? 32 - top : 0;
  return {
    fields: ["imm"],
    file: undefined,
    runs: parts,
    signBits: signed ? top : 0,
    base: 0,
    get(word) {
      let value = 0;
      for (const { from, to, mask } of parts) value |= ((word >>> from) & mask) << to;
      return (value << unused) >> unused;
    },
    put(value) {
      let word = 0;
      for (const { from, to, mask } of parts) word |= ((value >>> to) & mask) << from;
      return word;
    },
    range: signed ? [-(2 ** (top - 1)), 2 ** (top - 1) - 2 ** low, 2 ** low] : [0, 2 ** top - 2 ** low, 2 ** low],
    show,
  };
}

function small(field: FieldName, low: number, width: number, show: Show): Operand {
  const mask = 2 ** width - 1;
  return {
    fields: [field],
    file: undefined,
    place: { low, mask },
    runs: [{ from: low, to: 0, mask }],
    signBits: 0,
    base: 0,
    get: (word) => (word >>> low) & mask,
    put: (value) => (value & mask) << low,
    range: [0, mask, 1],
    show,
  };
}

function register(file: RegisterFile, low: number, ...fields: readonly FieldName[]): Operand {
  const show = file === "x" ? integerRegister : floatRegister;
  return { ...small("rd", low, 5, show), fields, file };
}

/** A three-bit register field of the C extension: x8 to x15 or f8 to f15. */
function popular(file: RegisterFile, low: number, ...fields: readonly FieldName[]): Operand {
  return {
    fields,
    file,
    runs: [{ from: low, to: 0, mask: 7 }],
    signBits: 0,
    base: 8,
    get: (word) => ((word >>> low) & 7) + 8,
    put: (value) => (value & 7) << low,
    range: [8, 15, 1],
    show: file === "x" ? integerRegister : floatRegister,
  };
}

/** Operands of the 32-bit formats. */
const WIDE = {
  rd: register("x", 7, "rd"),
  rs1: register("x", 15, "rs1"),
  rs2: register("x", 20, "rs2"),
  fd: register("f", 7, "rd"),
  fs1: register("f", 15, "rs1"),
  fs2: register("f", 20, "rs2"),
  fs3: register("f", 27, "rs3"),
  iimm: immediate(true, decimal, [31, "11:0"]),
  simm: immediate(true, decimal, [31, "11:5"], [11, "4:0"]),
  bimm: immediate(true, target, [31, "12|10:5"], [11, "4:1|11"]),
  uimm: immediate(true, upper20, [31, "31:12"]),
  jimm: immediate(true, target, [31, "20|10:1|11|19:12"]),
  shamt5: immediate(false, hex, [24, "4:0"]),
  shamt6: immediate(false, hex, [25, "5:0"]),
  zimm: immediate(false, decimal, [19, "4:0"]),
  sets: immediate(false, (v) => `${fenceSet(v >> 4)},${fenceSet(v)}`, [31, "11:0"]),
  csr: small("csr", 20, 12, csrName),
  rm: small("rm", 12, 3, (value) => ROUNDING_NAMES[value]!),
  /** The rounding mode of a conversion that is always exact, which assemblers leave out. */
  erm: small("rm", 12, 3, (value) => (value === ROUNDING.RNE ? "" : ROUNDING_NAMES[value]!)),
  aqrl: small("aqrl", 25, 2, (value) => ["", ".rl", ".aq", ".aqrl"][value]!),
} as const satisfies Record<string, Operand>;

/** Operands of the 16-bit formats. A name that ends in `c` is one of the eight popular registers. */
const NARROW = {
  crd: register("x", 7, "rd"),
  crs1: register("x", 7, "rs1"),
  crmw: register("x", 7, "rd", "rs1"),
  crs2: register("x", 2, "rs2"),
  cfd: register("f", 7, "rd"),
  cfs2: register("f", 2, "rs2"),
  rdc: popular("x", 2, "rd"),
  rs1c: popular("x", 7, "rs1"),
  rmwc: popular("x", 7, "rd", "rs1"),
  rs2c: popular("x", 2, "rs2"),
  fdc: popular("f", 2, "rd"),
  fs2c: popular("f", 2, "rs2"),
  cimm: immediate(true, decimal, [12, "5"], [6, "4:0"]),
  cshamt: immediate(false, hex, [12, "5"], [6, "4:0"]),
  cupper: immediate(true, upper20, [12, "17"], [6, "16:12"]),
  csp16: immediate(true, decimal, [12, "9"], [6, "4|6|8:7|5"]),
  csp4: immediate(false, decimal, [12, "5:4|9:6|2|3"]),
  cword: immediate(false, decimal, [12, "5:3"], [6, "2|6"]),
  cdouble: immediate(false, decimal, [12, "5:3"], [6, "7:6"]),
  cwordsp: immediate(false, decimal, [12, "5"], [6, "4:2|7:6"]),
  cdoublesp: immediate(false, decimal, [12, "5"], [6, "4:3|8:6"]),
  cstorewordsp: immediate(false, decimal, [12, "5:2|7:6"]),
  cstoredoublesp: immediate(false, decimal, [12, "5:3|8:6"]),
  cbranch: immediate(true, target, [12, "8|4:3"], [6, "7:6|2:1|5"]),
  cjump: immediate(true, target, [12, "11|4|9:8|10|6|7|3:1|5"]),
} as const satisfies Record<string, Operand>;

export const OPERANDS: Readonly<Record<string, Operand>> = { ...WIDE, ...NARROW };

export type OperandName = keyof typeof WIDE | keyof typeof NARROW;

/** The fixed bits of an instruction. */
export interface Pattern {
  readonly match: number;
  readonly mask: number;
}

/** Reads a bit pattern as the manual prints it: 0, 1, or `-` for an operand bit; blanks separate the fields. */
export function pattern(text: string): Pattern {
  const bits = text.replaceAll(" ", "");
  if (bits.length !== 32 && bits.length !== 16) throw new Error(`pattern of ${bits.length} bits: ${text}`);
  return {
    match: Number.parseInt(bits.replaceAll("-", "0"), 2),
    mask: Number.parseInt(bits.replaceAll("0", "1").replaceAll("-", "0"), 2),
  };
}

/** Splits a syntax such as `"rd,iimm(rs1)"` into operand names and literal punctuation. */
export function tokens(syntax: string): string[] {
  return syntax.split(/([a-z]\w*)/).filter((token) => token !== "");
}
