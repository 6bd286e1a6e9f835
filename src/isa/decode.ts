/** From instruction words to table rows and operand fields. */
import { csrExists, csrIsReadOnly } from "./csr.ts";
import { type FieldName, type Fields, OPERANDS, type Operand, type Pattern, type Place, ROUNDING } from "./fields.ts";
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
  return isCompressed(word) ? decodeCompressed(word & 0xffff, into) : decodeWide(word, into);
}

/** The row of a 16-bit word, without regard to reserved operands. */
export function findCompressed(word: number): CompressedInstruction | undefined {
  shortForms ??= index(COMPRESSED.map(prepareShort), shortSlot);
  return find(shortForms[shortSlot(word)]!, word)?.row;
}

/** A 32-bit row with the places of its fields; those that it lacks have an empty mask. */
interface WideForm {
  readonly row: Instruction;
  readonly rd: Place;
  readonly rs1: Place;
  readonly rs2: Place;
  readonly rs3: Place;
  readonly rm: Place;
  readonly csr: Place;
  readonly aqrl: Place;
  readonly imm: ((word: number) => number) | undefined;
}

/** A 16-bit row with its operands and what it stands for. */
interface ShortForm {
  readonly row: CompressedInstruction;
  readonly operands: readonly Operand[];
  readonly expansion: Instruction;
}

/** Rows that share a mask, by their fixed bits. Words are signed here, because those are V8's small integers. */
interface MaskGroup<Form> {
  readonly mask: number;
  readonly byMatch: ReadonlyMap<number, Form>;
}

type Slots<Form> = readonly (readonly MaskGroup<Form>[])[];

let wideForms: Slots<WideForm> | undefined;
let shortForms: Slots<ShortForm> | undefined;
/**
 * What each 16-bit word decodes to, once it was met: few are in use, and those often. The words lead to indices of a
 * dense array, because a JavaScript array with a place for each would be a hash table.
 */
const shortDecoded: (Decoded | undefined)[] = [undefined];
let shortWords: Uint16Array | undefined;

const SLOTS = 32;
const wideSlot = (word: number) => (word >>> 2) & 31;
const shortSlot = (word: number) => ((word & 3) << 3) | ((word >>> 13) & 7);

const NOWHERE: Place = { low: 0, mask: 0 };

function prepareWide(row: Instruction): WideForm {
  const operands = row.operands.map((name) => OPERANDS[name]!);
  const at = (field: FieldName) => operands.find(({ fields }) => fields[0] === field);
  const place = (field: FieldName) => at(field)?.place ?? NOWHERE;
  return {
    row,
    rd: place("rd"),
    rs1: place("rs1"),
    rs2: place("rs2"),
    rs3: place("rs3"),
    rm: place("rm"),
    csr: place("csr"),
    aqrl: place("aqrl"),
    imm: at("imm")?.get,
  };
}

function prepareShort(row: CompressedInstruction): ShortForm {
  return { row, operands: row.operands.map((name) => OPERANDS[name]!), expansion: instructionNamed(row.expansion) };
}

/** Groups rows by the bits that `slot` reads, and within a slot by mask, the most specific first. */
function index<Form extends { readonly row: Pattern }>(
  forms: readonly Form[],
  slot: (word: number) => number,
): Slots<Form> {
  return Array.from({ length: SLOTS }, (_, wanted) => {
    const here = forms.filter(({ row }) => slot(row.match) === wanted);
    const masks = [...new Set(here.map(({ row }) => row.mask))].sort((a, b) => ones(b) - ones(a));
    return masks.map((mask) => ({
      mask,
      byMatch: new Map(here.filter(({ row }) => row.mask === mask).map((form) => [form.row.match | 0, form])),
    }));
  });
}

function ones(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function find<Form>(groups: readonly MaskGroup<Form>[], word: number): Form | undefined {
  for (const { mask, byMatch } of groups) {
    const form = byMatch.get(word & mask);
    if (form !== undefined) return form;
  }
  return undefined;
}

function decodeWide(word: number, into: Decoded): boolean {
  wideForms ??= index(INSTRUCTIONS.map(prepareWide), wideSlot);
  const form = find(wideForms[wideSlot(word)]!, word);
  if (form === undefined) return false;
  into.op = form.row;
  into.length = 4;
  into.rd = (word >>> form.rd.low) & form.rd.mask;
  into.rs1 = (word >>> form.rs1.low) & form.rs1.mask;
  into.rs2 = (word >>> form.rs2.low) & form.rs2.mask;
  into.rs3 = (word >>> form.rs3.low) & form.rs3.mask;
  into.rm = (word >>> form.rm.low) & form.rm.mask;
  into.csr = (word >>> form.csr.low) & form.csr.mask;
  into.aqrl = (word >>> form.aqrl.low) & form.aqrl.mask;
  into.imm = form.imm === undefined ? 0 : form.imm(word);
  return isLegal(into);
}

function decodeCompressed(word: number, into: Decoded): boolean {
  shortWords ??= new Uint16Array(0x1_0000);
  let at = shortWords[word]!;
  if (at === 0) {
    at = shortDecoded.push(expand(word)) - 1;
    shortWords[word] = at;
  }
  const known = shortDecoded[at];
  if (known === undefined) return false;
  into.op = known.op;
  into.length = 2;
  into.rd = known.rd;
  into.rs1 = known.rs1;
  into.rs2 = known.rs2;
  into.imm = known.imm;
  into.rs3 = into.rm = into.csr = into.aqrl = 0;
  return true;
}

/** Decodes a 16-bit word to what it abbreviates. */
function expand(word: number): Decoded | undefined {
  shortForms ??= index(COMPRESSED.map(prepareShort), shortSlot);
  const form = find(shortForms[shortSlot(word)]!, word);
  if (form === undefined) return undefined;
  const decoded = { ...emptyDecoded(), op: form.expansion };
  for (const { fields, get } of form.operands) for (const field of fields) decoded[field] = get(word);
  Object.assign(decoded, form.row.implied);
  const { nonzero } = form.row;
  return nonzero !== undefined && decoded[nonzero] === 0 ? undefined : decoded;
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
