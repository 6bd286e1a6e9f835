/** An assembler for tests and examples: what the disassembler prints, plus labels and data. No pseudo-instructions. */
import { CSR } from "./csr.ts";
import { encode } from "./encode.ts";
import { type Fields, OPERANDS, type OperandName, ROUNDING, tokens } from "./fields.ts";
import type { CompressedInstruction, Instruction } from "./instruction.ts";
import { floatRegister, integerRegister } from "./registers.ts";
import { COMPRESSED, INSTRUCTIONS } from "./table.ts";

export interface Assembled {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly labels: ReadonlyMap<string, number>;
}

type Row = Instruction | CompressedInstruction;

/** A line of source that makes bytes. */
interface Item {
  readonly address: number;
  readonly size: number;
  readonly mnemonic: string;
  readonly words: readonly string[];
}

const ROWS: ReadonlyMap<string, Row> = new Map([...INSTRUCTIONS, ...COMPRESSED].map((row) => [row.name, row]));

const DATA: ReadonlyMap<string, number> = new Map([
  [".byte", 1],
  [".half", 2],
  [".word", 4],
  [".dword", 8],
]);

const ORDERING = [".rl", ".aq", ".aqrl"];

/** Names that stand for numbers wherever an operand does. */
const NAMES: ReadonlyMap<string, number> = new Map([
  ...Array.from({ length: 32 }, (_, i): [string, number] => [integerRegister(i), i]),
  ...Array.from({ length: 32 }, (_, i): [string, number] => [floatRegister(i), i]),
  ...Object.entries(CSR).map(([name, value]): [string, number] => [name.toLowerCase(), value]),
  ...Object.entries(ROUNDING).map(([name, value]): [string, number] => [name.toLowerCase(), value]),
]);

/**
 * Assembles text, one statement a line: `label:`, an instruction as the disassembler prints it (branch targets are labels
 * or absolute addresses), `.byte`, `.half`, `.word`, `.dword`, or `.space n`. A `#` begins a comment.
 *
 * @throws Error for a line that it does not understand: the text is part of a program, not input.
 */
export function assemble(text: string, base = 0): Assembled {
  const labels = new Map<string, number>();
  const items = layOut(text, base, labels);
  const last = items.at(-1);
  const bytes = new Uint8Array(last === undefined ? 0 : last.address + last.size - base);
  const view = new DataView(bytes.buffer);
  const resolve = (word: string) => labels.get(word) ?? NAMES.get(word) ?? number(word);
  for (const item of items) {
    const at = item.address - base;
    if (item.mnemonic === ".space") continue;
    if (DATA.has(item.mnemonic)) {
      const value = BigInt(resolve(item.words[0]!));
      for (let i = 0; i < item.size; i++) bytes[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
      continue;
    }
    const word = encodeItem(item, resolve);
    if (item.size === 2) view.setUint16(at, word, true);
    else view.setUint32(at, word, true);
  }
  return { bytes, labels };
}

function layOut(text: string, base: number, labels: Map<string, number>): Item[] {
  const items: Item[] = [];
  let address = base;
  for (const line of text.split("\n")) {
    const words = line
      .replace(/#.*/, "")
      .split(/[\s,()]+/)
      .filter((word) => word !== "");
    while (words[0]?.endsWith(":")) labels.set(words.shift()!.slice(0, -1), address);
    const [mnemonic, ...rest] = words;
    if (mnemonic === undefined) continue;
    const size = mnemonic === ".space" ? number(rest[0]!) : (DATA.get(mnemonic) ?? sizeOf(rowOf(mnemonic).row));
    items.push({ address, size, mnemonic, words: rest });
    address += size;
  }
  return items;
}

function isOperand(token: string): token is OperandName {
  return token in OPERANDS;
}

function sizeOf(row: Row): number {
  return "expansion" in row ? 2 : 4;
}

/** The row of a mnemonic and the ordering bits that its suffix gives. */
function rowOf(mnemonic: string): { row: Row; aqrl: number } {
  const plain = ROWS.get(mnemonic);
  if (plain !== undefined) return { row: plain, aqrl: 0 };
  const suffix = /(?:\.aq)?(?:\.?rl)?$/.exec(mnemonic)?.[0] ?? "";
  const row = ROWS.get(mnemonic.slice(0, mnemonic.length - suffix.length));
  if (row === undefined || suffix === "") throw new Error(`no instruction is named ${mnemonic}`);
  return { row, aqrl: ORDERING.indexOf(suffix) + 1 };
}

function encodeItem({ mnemonic, words, address }: Item, resolve: (word: string) => number): number {
  const { row, aqrl } = rowOf(mnemonic);
  const fields: Partial<Fields> = { aqrl };
  const left = [...words];
  for (const name of tokens(row.syntax)) {
    if (name === "aqrl") continue;
    if (!isOperand(name)) {
      // Some short forms spell out a register that they imply, such as `sp`.
      if (left[0] === name) left.shift();
      continue;
    }
    const word = left.shift();
    const value = word === undefined ? unwritten(name) : resolve(word);
    if (value === undefined) throw new Error(`${mnemonic} lacks an operand: ${words.join(", ")}`);
    const inWord = RELATIVE.has(name) ? value - address : UPPER.has(name) ? value << 12 : value;
    const { fields: named, range } = OPERANDS[name]!;
    if (inWord < range[0] || inWord > range[1]) throw new Error(`${mnemonic} cannot express ${word}`);
    fields[named[0]!] = inWord;
  }
  return encode(row, fields);
}

/** The value of an operand that goes without saying, as rounding modes do. */
function unwritten(name: OperandName): number | undefined {
  const { show } = OPERANDS[name]!;
  return Object.values(ROUNDING).find((mode) => show(mode, 0) === "");
}

/** Operands that are written as the address that they lead to, and those that are written without their low 12 zeroes. */
const RELATIVE: ReadonlySet<string> = new Set(["bimm", "jimm", "cbranch", "cjump"]);
const UPPER: ReadonlySet<string> = new Set(["uimm", "cupper"]);

function number(word: string): number {
  const value = Number(word.replace(/^-/, ""));
  if (Number.isNaN(value)) throw new Error(`neither a label, a name nor a number: ${word}`);
  return word.startsWith("-") ? -value : value;
}
