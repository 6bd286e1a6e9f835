/**
 * Random programs for differential testing: everything that they do is determined by their seed, so that two processors
 * which run one must end in the same state.
 *
 * A program starts at its first byte with nothing but its own memory, computes, writes the area from `dump` to `dumpEnd`
 * (registers, fcsr, all memory that it touched) to standard output by write(2), and exits with status 0.
 */
import { CSR } from "../csr.ts";
import type { Extension } from "../instruction.ts";
import { X } from "../registers.ts";
import { Assembler } from "./assembler.ts";
import { CONSTANTS, PLACE, ROLE } from "./layout.ts";
import { randomConstants } from "./operands.ts";
import {
  block,
  call,
  choice,
  define,
  loop,
  rewrite,
  rowsOf,
  type Substitute,
  shortRows,
  skip,
  type Workshop,
} from "./pieces.ts";
import { Random } from "./prng.ts";

export interface RandomProgram {
  /** What to load at `PLACE.code`: readable, writable and executable. Its first byte is the entry point. */
  readonly code: Uint8Array;
  /** What to load at `PLACE.constants`. */
  readonly constants: Uint8Array;
  /** What to put over the code for QEMU 7.2; see pieces.ts. */
  readonly substitutes: readonly Substitute[];
  /** Random instructions of the wanted extension in the text; loops run some of them several times. */
  readonly instructions: number;
  /** Address at which each piece starts, and where the last one ends. */
  readonly pieces: readonly number[];
}

export interface RandomOptions {
  readonly seed: number;
  /** The extension whose instructions prevail; the rest is RV64I. */
  readonly extension: Extension;
  /** Stops after the piece that completes this many instructions. */
  readonly instructions: number;
  /** Stops after so many pieces. A shorter program is a prefix of a longer one, which is how a fault is narrowed down. */
  readonly maxPieces?: number;
}

const FUNCTIONS = 6;
const SYS_WRITE = 64;
const SYS_EXIT = 93;

export function randomProgram({ seed, extension, instructions, maxPieces = Infinity }: RandomOptions): RandomProgram {
  const random = new Random(seed);
  const asm = new Assembler(PLACE.code);
  const shop: Workshop = {
    asm,
    random,
    rows: extension === "C" ? [] : rowsOf(extension),
    shortRows: extension === "C" ? shortRows() : [],
    functions: [],
    substitutes: [],
    fences: extension === "Zifencei",
    count: 0,
  };
  const constants = randomConstants(random);
  const main = asm.forward("jal");
  for (let i = 0; i < FUNCTIONS; i++) define(shop);
  asm.land(main);
  prologue(asm);
  const pieces = [asm.pc];
  while (shop.count < instructions && pieces.length <= maxPieces) {
    piece(shop);
    pieces.push(asm.pc);
  }
  epilogue(asm);
  const { substitutes } = shop;
  const bytes = new Uint8Array(constants.buffer);
  return { code: asm.take(), constants: bytes, substitutes, instructions: shop.count, pieces };
}

function piece(shop: Workshop): void {
  // jal reaches 1 MB; the functions lie at the start.
  const callable = shop.asm.pc - PLACE.code < 0xf_0000;
  const kind = shop.random.below(20);
  if (shop.fences && kind < 10) rewrite(shop);
  else if (kind < 10) block(shop);
  else if (kind < 13) skip(shop);
  else if (kind < 15) loop(shop);
  else if (kind < 17 && callable) call(shop);
  else if (kind < 19) choice(shop);
  else rewrite(shop);
}

/** Gives every register a value: those with a role theirs, the others one from the table. */
function prologue(asm: Assembler): void {
  const roles = new Map<number, number>([
    [ROLE.stack, PLACE.stack],
    [ROLE.scratch, PLACE.scratch],
    [ROLE.constants, PLACE.constants],
    [ROLE.nearScratch, PLACE.scratch],
  ]);
  for (const [register, value] of roles) asm.constant(register, value);
  for (let i = 1; i < 32; i++) {
    if (!roles.has(i)) asm.op("ld", { rd: i, rs1: ROLE.constants, imm: i * 8 });
    asm.op("fld", { rd: i, rs1: ROLE.constants, imm: (CONSTANTS - 32 + i) * 8 });
  }
  asm.op("fld", { rd: 0, rs1: ROLE.constants, imm: 0 });
  asm.op("csrrwi", { csr: CSR.FCSR, imm: 0 });
}

/** Stores the registers, writes the dump and exits. */
function epilogue(asm: Assembler): void {
  const base = ROLE.temporary;
  asm.constant(base, PLACE.dump);
  for (let i = 0; i < 32; i++) {
    if (i !== base) asm.op("sd", { rs1: base, rs2: i, imm: i * 8 });
    asm.op("fsd", { rs1: base, rs2: i, imm: 0x100 + i * 8 });
  }
  asm.op("csrrs", { rd: X.T0, csr: CSR.FCSR });
  asm.op("sd", { rs1: base, rs2: X.T0, imm: 0x200 });
  asm.op("addi", { rd: X.A0, imm: 1 });
  asm.constant(X.A0 + 1, PLACE.dump);
  asm.constant(X.A0 + 2, PLACE.dumpEnd - PLACE.dump);
  asm.op("addi", { rd: X.A7, imm: SYS_WRITE });
  asm.op("ecall");
  asm.op("addi", { rd: X.A0, imm: 0 });
  asm.op("addi", { rd: X.A7, imm: SYS_EXIT });
  asm.op("ecall");
}
