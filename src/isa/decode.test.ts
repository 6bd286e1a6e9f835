import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CSR } from "./csr.ts";
import { type Decoded, decode, emptyDecoded } from "./decode.ts";
import { disassemble } from "./disassemble.ts";
import { encode } from "./encode.ts";
import { type Fields, OPERANDS, ROUNDING } from "./fields.ts";
import type { CompressedInstruction, Instruction } from "./instruction.ts";
import { COMPRESSED, INSTRUCTIONS, instructionNamed } from "./table.ts";

const objdumpMissing = spawnSync("riscv64-linux-gnu-objdump", ["--version"]).error !== undefined;

/** A generator of 32-bit words (xorshift), so that a failure can be repeated. */
function randomWords(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Legal operand values for a row. */
function randomFields(row: Instruction | CompressedInstruction, random: () => number): Partial<Fields> {
  const fields: Partial<Fields> = {};
  for (const name of row.operands) {
    const { fields: filled, range } = OPERANDS[name]!;
    const [least, greatest, step] = range;
    let value = least + (random() % ((greatest - least) / step + 1)) * step;
    if (name === "rm" || name === "erm") value = [0, 1, 2, 3, 4, 7][random() % 6]!;
    if (name === "csr") value = [CSR.FFLAGS, CSR.FRM, CSR.FCSR][random() % 3]!;
    for (const field of filled) fields[field] = value | 0;
  }
  return fields;
}

test("decode inverts encode for every instruction", () => {
  const random = randomWords(1);
  for (const row of INSTRUCTIONS) {
    for (let i = 0; i < 50; i++) {
      const fields = randomFields(row, random);
      const expected: Decoded = { ...emptyDecoded(), ...fields, op: row, length: 4 };
      assert.deepEqual(decode(encode(row, fields)), expected, `${row.name} ${JSON.stringify(fields)}`);
    }
  }
});

test("decode expands every compressed instruction to what it abbreviates", () => {
  const random = randomWords(2);
  for (const row of COMPRESSED) {
    for (let i = 0; i < 50; i++) {
      const fields = { ...randomFields(row, random), ...row.implied };
      const expected: Decoded = { ...emptyDecoded(), ...fields, op: instructionNamed(row.expansion), length: 2 };
      const word = encode(row, fields);
      // Some operands are reserved, others belong to a more specific row (c.jr is c.mv with rs2 = 0).
      if (row.nonzero !== undefined && expected[row.nonzero] === 0)
        assert.equal(decode(word), undefined, disassemble(word));
      else if (disassemble(word).startsWith(`${row.name}\t`)) assert.deepEqual(decode(word), expected);
    }
  }
});

test("decode refuses reserved encodings", () => {
  const fadd = instructionNamed("fadd.d");
  const refused: Record<string, number> = {
    "all zeros": 0,
    "all ones": 0xffff_ffff,
    "rounding mode 5": encode(fadd, { rm: 5 }),
    "rounding mode 6": encode(fadd, { rm: 6 }),
    "lr.w with rs2": encode(instructionNamed("lr.w"), {}) | (1 << 20),
    "unknown CSR": encode(instructionNamed("csrrs"), { csr: 0x180 }),
    "write to cycle": encode(instructionNamed("csrrw"), { csr: CSR.CYCLE, rs1: 0 }),
    "set bits of time": encode(instructionNamed("csrrs"), { csr: CSR.TIME, rs1: 5 }),
    "slliw by 32": encode(instructionNamed("slliw"), {}) | (1 << 25),
    "c.addiw zero": 0x2001,
    "c.lui of 0": 0x6081,
    "c.jr zero": 0x8002,
    "c.lwsp zero": 0x4002,
  };
  for (const [what, word] of Object.entries(refused)) assert.equal(decode(word), undefined, what);
});

test("decode accepts hints and reads of counters", () => {
  assert.equal(decode(0x0001)?.op.name, "addi");
  assert.equal(decode(0x0100_000f)?.op.name, "fence");
  assert.equal(decode(encode(instructionNamed("csrrs"), { rd: 10, csr: CSR.TIME }))?.op.name, "csrrs");
});

/** What objdump prints for words, each placed at its index times its size. */
function objdump(words: readonly number[], bytes: 2 | 4): string[] {
  const folder = mkdtempSync(join(tmpdir(), "drupe-isa-"));
  try {
    const source = join(folder, "words.s");
    const object = join(folder, "words.o");
    writeFileSync(source, `${words.map((word) => `.insn ${bytes}, ${word}`).join("\n")}\n`);
    execFileSync("riscv64-linux-gnu-as", ["-march=rv64gc_zba_zbb_zbs_zicsr_zifencei", source, "-o", object]);
    const text = execFileSync("riscv64-linux-gnu-objdump", ["-d", "-M", "no-aliases", object], {
      encoding: "latin1",
      maxBuffer: 2 ** 28,
    });
    return text
      .split("\n")
      .filter((line) => /^\s*[0-9a-f]+:\t/.test(line))
      .map((line) => line.split("\t").slice(2).join("\t"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Text without what only differs in taste: blanks, 0x before targets, symbols and comments. */
function plain(text: string): string {
  return text
    .replace(/ [#<].*/, "")
    .replaceAll("0x", "")
    .replace(/\s+/g, " ")
    .trim();
}

test("disassemble agrees with objdump on every 16-bit word", { skip: objdumpMissing && "no objdump" }, () => {
  const words = Array.from({ length: 0x1_0000 }, (_, word) => word).filter((word) => (word & 3) !== 3);
  const theirs = objdump(words, 2);
  for (const [i, word] of words.entries()) {
    // objdump shows shifts by zero by their RV128 names, and two reserved words by names that no assembler accepts.
    if (/^c\.(slli64|srli64|srai64|unimp)/.test(theirs[i]!) || word === 0x6101) continue;
    assert.equal(plain(disassemble(word, i * 2)), plain(theirs[i]!));
  }
});

test("disassemble agrees with objdump on every instruction", { skip: objdumpMissing && "no objdump" }, () => {
  const random = randomWords(3);
  const words: number[] = [];
  for (const row of INSTRUCTIONS) {
    // Debian 12's objdump does not know Zicond, nor fences with reserved fields.
    if (row.extension === "Zicond" || row.kind === "fence") continue;
    for (let i = 0; i < 40; i++) {
      const fields = randomFields(row, random);
      // It takes conversions that cannot round for unknown unless their mode is rne.
      if (row.operands.includes("erm")) fields.rm = ROUNDING.RNE;
      words.push(encode(row, fields));
    }
  }
  const theirs = objdump(words, 4);
  for (const [i, word] of words.entries()) assert.equal(plain(disassemble(word, i * 4)), plain(theirs[i]!));
});
