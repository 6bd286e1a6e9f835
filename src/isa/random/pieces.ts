/** The pieces of a random program: straight instructions, memory accesses, control flow, code that rewrites itself. */
import { CSR, FFLAG } from "../csr.ts";
import { decode } from "../decode.ts";
import { encode } from "../encode.ts";
import type { Fields } from "../fields.ts";
import type { CompressedInstruction, Extension, Instruction } from "../instruction.ts";
import { COMPRESSED, INSTRUCTIONS, instructionNamed } from "../table.ts";
import type { Assembler } from "./assembler.ts";
import { CONSTANTS, FRAME, READABLE, ROLE, WRITABLE } from "./layout.ts";
import { randomFields } from "./operands.ts";
import type { Random } from "./prng.ts";

/** Instructions that stand for others, of the same size, where a processor lacks them. */
export interface Substitute {
  readonly address: number;
  readonly words: readonly number[];
}

/** What the pieces of one program share. */
export interface Workshop {
  readonly asm: Assembler;
  readonly random: Random;
  /** Instructions that the program is about. */
  readonly rows: readonly Instruction[];
  readonly shortRows: readonly CompressedInstruction[];
  /** Addresses of functions that may be called. */
  readonly functions: number[];
  /** Whether the program is about code that rewrites itself. */
  readonly fences: boolean;
  readonly substitutes: Substitute[];
  /** Instructions of the wanted extension emitted so far. */
  count: number;
}

const BASE = rowsOf("I");

/** Rows of an extension that straight code can use. */
export function rowsOf(extension: Extension): Instruction[] {
  const kinds = new Set(["op", "load", "store", "amo", "csr", "fence"]);
  return INSTRUCTIONS.filter((row) => row.extension === extension && kinds.has(row.kind));
}

/** 16-bit rows that straight code can use: those that stand for an operation or an access. */
export function shortRows(): CompressedInstruction[] {
  return COMPRESSED.filter(({ expansion }) => ["op", "load", "store"].includes(instructionNamed(expansion).kind));
}

/** One random instruction, with what it needs before it and a look at its result behind it. */
export function straight(shop: Workshop): void {
  const { asm, random } = shop;
  if (asm.pc % 0x1000 === 0xffc && random.chance(0.8)) asm.op("c.addi");
  const wanted = random.chance(0.8);
  if (wanted) shop.count++;
  if (shop.shortRows.length > 0 && (wanted || random.chance(0.3))) short(shop, random.pick(shop.shortRows));
  else if (shop.shortRows.length === 0 && random.chance(0.15)) short(shop, random.pick(everyShort));
  else wide(shop, random.pick(wanted && shop.rows.length > 0 ? shop.rows : BASE));
}

const everyShort = shortRows();

function wide(shop: Workshop, row: Instruction): void {
  const { asm, random } = shop;
  const fields = randomFields(row.operands, random);
  loadOperands(shop, row, fields);
  if (row.kind === "load" || row.kind === "store") access(shop, row, fields);
  else if (row.kind === "amo") atomic(shop, row, fields);
  else if (row.kind === "csr") floatControl(shop, row, fields);
  else if (row.extension === "Zicond" || row.name === "ctzw") substituted(shop, row, fields);
  else asm.row(row, fields);
  observe(shop, row, fields);
}

/** Now and then takes an operand from the table of values worth trying. */
function loadOperands({ asm, random }: Workshop, row: Instruction, fields: Partial<Fields>): void {
  for (const field of ["rs1", "rs2", "rs3"] as const) {
    const file = row.files[field];
    const register = fields[field] ?? 0;
    if (file === undefined || !random.chance(0.4)) continue;
    const from = { rd: register, rs1: ROLE.constants, imm: random.below(CONSTANTS) * 8 };
    if (file === "f") asm.op("fld", from);
    else if (WRITABLE.includes(register)) asm.op("ld", from);
  }
}

/** A load or store within the scratch page, by a constant or a computed address, aligned or not. */
function access({ asm, random }: Workshop, row: Instruction, fields: Partial<Fields>): void {
  if (random.chance(0.5)) {
    asm.row(row, { ...fields, rs1: ROLE.scratch, imm: random.below(0xff0) - 0x800 });
    return;
  }
  asm.op("andi", { rd: ROLE.temporary, rs1: random.pick(READABLE), imm: random.pick([0x7ff, 0x7f8, 0x3f1]) });
  asm.op("add", { rd: ROLE.temporary, rs1: ROLE.temporary, rs2: ROLE.scratch });
  asm.row(row, { ...fields, rs1: ROLE.temporary, imm: random.below(0x700) - 0x700 });
}

function atomic({ asm, random }: Workshop, row: Instruction, fields: Partial<Fields>): void {
  const suffix = row.name.slice(-2);
  asm.op("addi", { rd: ROLE.temporary, rs1: ROLE.scratch, imm: random.below(0x1f0) * 8 - 0x800 });
  // An SC without its LR is tried too; its width must not differ, as QEMU compares more than was reserved.
  if (row.name.startsWith("sc.") && random.chance(0.8)) {
    asm.op(`lr${suffix}`, { rd: random.pick(WRITABLE), rs1: ROLE.temporary });
    if (random.chance(0.2)) asm.op("sw", { rs1: ROLE.temporary, rs2: random.pick(READABLE), imm: 0 });
  }
  asm.row(row, { ...fields, rs1: ROLE.temporary });
  if (row.name.startsWith("lr.")) asm.op(`sc${suffix}`, { rd: random.pick(WRITABLE), rs1: ROLE.temporary });
}

/** Writes to fcsr and its parts; the rounding mode stays one that exists, and is soon to nearest again. */
function floatControl({ asm, random }: Workshop, row: Instruction, fields: Partial<Fields>): void {
  const csr = random.pick([CSR.FFLAGS, CSR.FRM, CSR.FCSR]);
  asm.row(row, { ...fields, csr });
  asm.op("csrrwi", { rd: ROLE.temporary, csr: CSR.FRM, imm: randomMode(random) });
  hash({ asm, random }, ROLE.temporary);
}

/**
 * Emits an instruction, and notes what does the same on QEMU 7.2, Debian 12's: it lacks Zicond, and its ctzw counts beyond
 * the low word. No-ops make room.
 */
function substituted({ asm, substitutes }: Workshop, row: Instruction, fields: Partial<Fields>): void {
  const address = asm.pc;
  const words = row.name === "ctzw" ? countByDouble(fields) : conditional(row, fields);
  asm.row(row, fields);
  for (let i = 1; i < words.length; i++) asm.op("addi");
  substitutes.push({ address, words });
}

function countByDouble({ rd = 0, rs1 = 0 }: Partial<Fields>): number[] {
  return [word("bseti", { rd: ROLE.temporary, rs1, imm: 32 }), word("ctz", { rd, rs1: ROLE.temporary })];
}

function conditional(row: Instruction, { rd = 0, rs1 = 0, rs2 = 0 }: Partial<Fields>): number[] {
  const temporary = ROLE.temporary;
  const keep =
    row.name === "czero.eqz"
      ? word("sltu", { rd: temporary, rs2 })
      : word("sltiu", { rd: temporary, rs1: rs2, imm: 1 });
  return [keep, word("sub", { rd: temporary, rs2: temporary }), word("and", { rd, rs1, rs2: temporary })];
}

function word(name: string, fields: Partial<Fields>): number {
  return encode(instructionNamed(name), fields);
}

function short(shop: Workshop, row: CompressedInstruction): void {
  const { asm, random } = shop;
  const base = instructionNamed(row.expansion);
  for (;;) {
    const fields = randomFields(row.operands, random);
    if (row.operands.includes("rs1c")) fields.rs1 = ROLE.nearScratch;
    // Popular registers have roles too; some operands are reserved, or are another instruction's.
    const decoded = decode(encode(row, fields));
    if (decoded?.op !== base) continue;
    if (decoded.rd === ROLE.stack && row.implied.rd === ROLE.stack) {
      moveStack(shop, row, decoded.imm);
      return;
    }
    if (base.files.rd === "x" && !WRITABLE.includes(decoded.rd)) continue;
    if (base.files.rs2 === "x" && decoded.rs2 === ROLE.temporary) continue;
    asm.row(row, fields);
    observe(shop, base, decoded);
    return;
  }
}

/** c.addi16sp, and back. */
function moveStack(shop: Workshop, row: CompressedInstruction, imm: number): void {
  shop.asm.row(row, { imm });
  hash(shop, ROLE.stack);
  shop.asm.op("addi", { rd: ROLE.stack, rs1: ROLE.stack, imm: -imm });
}

/** Adds the result to the hash, often; and the accrued exceptions, which are cleared so that the next ones show. */
function observe(shop: Workshop, row: Instruction, fields: Partial<Fields>): void {
  const { asm, random } = shop;
  const rd = fields.rd ?? 0;
  if (row.files.rd === "x" && random.chance(0.5)) hash(shop, rd);
  if (row.files.rd === "f" && random.chance(0.8)) {
    asm.op("fmv.x.d", { rd: ROLE.temporary, rs1: rd });
    hash(shop, ROLE.temporary);
  }
  if (row.extension !== "F" && row.extension !== "D") return;
  if (random.chance(0.4)) {
    asm.op("csrrwi", { rd: ROLE.temporary, csr: CSR.FFLAGS, imm: random.chance(0.5) ? 0 : FFLAG.NX });
    hash(shop, ROLE.temporary);
  }
  if (random.chance(0.05)) asm.op("csrrwi", { csr: CSR.FRM, imm: randomMode(random) });
}

/** Mostly to nearest, for that is where the fast paths are. */
function randomMode(random: Random): number {
  return random.chance(0.8) ? 0 : random.below(5);
}

/** hash = hash × 5 + register, roughly. */
function hash({ asm }: Pick<Workshop, "asm" | "random">, register: number): void {
  asm.op("add", { rd: ROLE.hash, rs1: ROLE.hash, rs2: register });
  asm.op("slli", { rd: ROLE.temporary, rs1: ROLE.hash, imm: 2 });
  asm.op("add", { rd: ROLE.hash, rs1: ROLE.hash, rs2: ROLE.temporary });
}

/** Several straight instructions. */
export function block(shop: Workshop): void {
  for (let i = 1 + shop.random.below(8); i > 0; i--) straight(shop);
}

/** A counted loop around other pieces; two may nest. */
export function loop(shop: Workshop, counter: number = ROLE.outerCounter): void {
  const { asm, random } = shop;
  asm.op("addi", { rd: counter, imm: 1 + random.below(counter === ROLE.outerCounter ? 12 : 4) });
  const start = asm.pc;
  block(shop);
  if (counter === ROLE.outerCounter && random.chance(0.3)) loop(shop, ROLE.innerCounter);
  if (random.chance(0.4)) skip(shop);
  if (random.chance(0.3)) call(shop);
  asm.op("addi", { rd: counter, rs1: counter, imm: -1 });
  asm.op("bne", { rs1: counter, imm: start - asm.pc });
}

const BRANCHES = INSTRUCTIONS.filter((row) => row.kind === "branch");

/** A branch on random registers over some instructions, perhaps with another way on the other side. */
export function skip(shop: Workshop): void {
  const { asm, random } = shop;
  if (random.chance(0.25)) {
    skipShort(shop);
    return;
  }
  const over = asm.forward(random.pick(BRANCHES).name, { rs1: random.pick(READABLE), rs2: random.pick(READABLE) });
  block(shop);
  if (random.chance(0.5)) {
    const end = asm.forward("jal");
    asm.land(over);
    block(shop);
    asm.land(end);
  } else asm.land(over);
}

/** The same with 16-bit branches and jumps, which do not reach far. */
function skipShort(shop: Workshop): void {
  const { asm, random } = shop;
  const over = asm.forward(random.pick(["c.beqz", "c.bnez"]), { rs1: 8 + random.below(8) });
  straight(shop);
  const end = asm.forward("c.j");
  asm.land(over);
  straight(shop);
  asm.land(end);
}

/** Calls a function, directly or through a register. */
export function call({ asm, random, functions }: Workshop): void {
  if (functions.length === 0) return;
  const target = random.pick(functions);
  switch (random.below(4)) {
    case 0:
      asm.constant(ROLE.temporary, target);
      asm.op("c.jalr", { rs1: ROLE.temporary });
      break;
    case 1:
      asm.constant(ROLE.temporary, target - 4);
      asm.op("jalr", { rd: ROLE.link, rs1: ROLE.temporary, imm: 4 });
      break;
    default:
      asm.op("jal", { rd: ROLE.link, imm: target - asm.pc });
  }
}

/** An indirect jump into a row of jumps, as a switch makes it. */
export function choice(shop: Workshop): void {
  const { asm, random } = shop;
  const ways = 4;
  asm.op("andi", { rd: ROLE.temporary, rs1: random.pick(READABLE), imm: ways - 1 });
  asm.op("slli", { rd: ROLE.temporary, rs1: ROLE.temporary, imm: 2 });
  const selector = random.pick(WRITABLE.filter((register) => register !== 0));
  asm.op("auipc", { rd: selector, imm: 0 });
  asm.op("add", { rd: ROLE.temporary, rs1: ROLE.temporary, rs2: selector });
  asm.op("jalr", { rd: 0, rs1: ROLE.temporary, imm: 12 });
  const cases = Array.from({ length: ways }, () => asm.forward("jal"));
  const ends = cases.map((reference) => {
    asm.land(reference);
    straight(shop);
    return asm.forward("jal");
  });
  for (const end of ends) asm.land(end);
}

/** Runs an instruction, overwrites it with another, fences, and runs that. */
export function rewrite(shop: Workshop): void {
  const { asm, random } = shop;
  const safe = BASE.filter((row) => row.kind === "op");
  const fresh = random.pick(safe);
  const first = random.pick(safe);
  const value = random.pick(WRITABLE.filter((register) => register !== 0));
  asm.op("addi", { rd: ROLE.innerCounter, imm: 3 });
  if (random.chance(0.5)) asm.op("c.addi");
  const slot = asm.pc;
  asm.row(first, randomFields(first.operands, random));
  asm.constant(value, encode(fresh, randomFields(fresh.operands, random)) | 0);
  asm.op("auipc", { rd: ROLE.temporary, imm: 0 });
  asm.op("sw", { rs1: ROLE.temporary, rs2: value, imm: slot - (asm.pc - 4) });
  asm.op("fence.i");
  if (shop.fences) shop.count++;
  asm.op("addi", { rd: ROLE.innerCounter, rs1: ROLE.innerCounter, imm: -1 });
  asm.op("bne", { rs1: ROLE.innerCounter, imm: slot - asm.pc });
}

/** A function: a few instructions, perhaps a call of one that stands before it, and the return. */
export function define(shop: Workshop): void {
  const { asm, random, functions } = shop;
  const address = asm.pc;
  const nests = functions.length > 0 && random.chance(0.5);
  if (nests) {
    asm.op("addi", { rd: ROLE.stack, rs1: ROLE.stack, imm: -FRAME.size });
    asm.op("sd", { rs1: ROLE.stack, rs2: ROLE.link, imm: FRAME.link });
  }
  block(shop);
  if (nests) {
    call(shop);
    block(shop);
    asm.op("ld", { rd: ROLE.link, rs1: ROLE.stack, imm: FRAME.link });
    asm.op("addi", { rd: ROLE.stack, rs1: ROLE.stack, imm: FRAME.size });
  }
  asm.op(random.pick(["jalr", "c.jr"]), { rs1: ROLE.link });
  functions.push(address);
}
