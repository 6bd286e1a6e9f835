/** From instruction words to table rows and operand fields. */
import { csrExists, csrIsReadOnly } from "./csr.ts";
import { type Fields, OPERANDS, type Operand, ROUNDING } from "./fields.ts";
import type { CompressedInstruction, Instruction } from "./instruction.ts";
import { COMPRESSED, INSTRUCTIONS, instructionNamed } from "./table.ts";

/** A decoded instruction. A compressed one shows what it abbreviates, with length 2. */
export interface Decoded extends Fields {
  op: Instruction;
  /** Bytes. */
  length: 2 | 4;
}

/** A record to decode into; until then it holds a 32-bit no-op. */
export function emptyDecoded(): Decoded {
  return { op: instructionNamed("addi"), length: 4, rd: 0, rs1: 0, rs2: 0, rs3: 0, imm: 0, rm: 0, csr: 0, aqrl: 0 };
}

/** Whether a word that starts with these two bytes is 16 bits long. Longer formats than 32 bits do not exist here. */
export function isCompressed(word: number): boolean {
  return (word & 3) !== 3;
}

/**
 * Decodes the instruction at the start of `word`, whose upper half does not matter if the instruction is compressed.
 *
 * @returns undefined for what a processor refuses as illegal: unknown and reserved encodings, static rounding modes 5
 * and 6, CSRs that do not exist and writes to read-only ones. Hints are legal and do nothing.
 */
export function decode(word: number): Decoded | undefined {
  const record = emptyDecoded();
  return decodeInto(word, record) ? record : undefined;
}

/** As {@link decode}, without an allocation. The record's contents are undefined if the answer is false. */
export function decodeInto(word: number, into: Decoded): boolean {
  return isCompressed(word) ? decodeCompressed(word & 0xffff, into) : decodeWide(word >>> 0, into);
}

/** The row of a 16-bit word, without regard to reserved operands. */
export function findCompressed(word: number): CompressedInstruction | undefined {
  shortForms ??= index(COMPRESSED.map(prepareCompressed), shortSlot, 32);
  return find(shortForms[shortSlot(word)]!, word)?.row;
}

/** A row with its operand readers looked up. */
interface Prepared<Row> {
  readonly row: Row;
  readonly operands: readonly Operand[];
}

interface PreparedCompressed extends Prepared<CompressedInstruction> {
  readonly expansion: Instruction;
}

/** Rows that share a mask, by their fixed bits. */
interface MaskGroup<Entry> {
  readonly mask: number;
  readonly byMatch: ReadonlyMap<number, Entry>;
}

type Slots<Entry> = readonly (readonly MaskGroup<Entry>[])[];

let wideForms: Slots<Prepared<Instruction>> | undefined;
let shortForms: Slots<PreparedCompressed> | undefined;

const wideSlot = (word: number) => (word >>> 2) & 31;
const shortSlot = (word: number) => ((word & 3) << 3) | ((word >>> 13) & 7);

function prepareCompressed(row: CompressedInstruction): PreparedCompressed {
  return { row, operands: operandsOf(row), expansion: instructionNamed(row.expansion) };
}

function operandsOf(row: { readonly operands: readonly string[] }): Operand[] {
  return row.operands.map((name) => OPERANDS[name]!);
}

/** Groups rows by the bits that `slot` reads, and within a slot by mask, the most specific first. */
function index<Entry extends Prepared<{ readonly match: number; readonly mask: number }>>(
  entries: readonly Entry[],
  slot: (word: number) => number,
  slots: number,
): Slots<Entry> {
  return Array.from({ length: slots }, (_, wanted) => {
    const here = entries.filter(({ row }) => slot(row.match) === wanted);
    const masks = [...new Set(here.map(({ row }) => row.mask))].sort((a, b) => ones(b) - ones(a));
    return masks.map((mask) => ({
      mask,
      byMatch: new Map(here.filter(({ row }) => row.mask === mask).map((entry) => [entry.row.match, entry])),
    }));
  });
}

function ones(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function find<Entry>(groups: readonly MaskGroup<Entry>[], word: number): Entry | undefined {
  for (const { mask, byMatch } of groups) {
    const entry = byMatch.get((word & mask) >>> 0);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

function decodeWide(word: number, into: Decoded): boolean {
  wideForms ??= index(
    INSTRUCTIONS.map((row) => ({ row, operands: operandsOf(row) })),
    wideSlot,
    32,
  );
  const entry = find(wideForms[wideSlot(word)]!, word);
  if (entry === undefined) return false;
  into.op = entry.row;
  into.length = 4;
  readOperands(entry.operands, word, into);
  return isLegal(into);
}

function decodeCompressed(word: number, into: Decoded): boolean {
  shortForms ??= index(COMPRESSED.map(prepareCompressed), shortSlot, 32);
  const entry = find(shortForms[shortSlot(word)]!, word);
  if (entry === undefined) return false;
  into.op = entry.expansion;
  into.length = 2;
  readOperands(entry.operands, word, into);
  Object.assign(into, entry.row.implied);
  return !entry.row.reserved(into);
}

function readOperands(operands: readonly Operand[], word: number, into: Fields): void {
  into.rd = into.rs1 = into.rs2 = into.rs3 = into.imm = into.rm = into.csr = into.aqrl = 0;
  for (const { fields, get } of operands) {
    const value = get(word);
    for (const field of fields) into[field] = value;
  }
}

/** What the fixed bits alone do not refuse. */
function isLegal(d: Decoded): boolean {
  if (d.rm > ROUNDING.RMM && d.rm < ROUNDING.DYN) return false;
  return d.op.kind !== "csr" || (csrExists(d.csr) && !(csrIsReadOnly(d.csr) && writesCsr(d)));
}

/** csrrs and csrrc with x0 or a zero immediate only read (manual, "CSR Instructions"). */
function writesCsr({ op, rs1, imm }: Decoded): boolean {
  return op.name.startsWith("csrrw") || rs1 !== 0 || imm !== 0;
}
