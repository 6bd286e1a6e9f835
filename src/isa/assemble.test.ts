import assert from "node:assert/strict";
import { test } from "node:test";
import { assemble } from "./assemble.ts";
import { decode } from "./decode.ts";
import { disassemble } from "./disassemble.ts";
import { encode } from "./encode.ts";
import { type Fields, OPERANDS } from "./fields.ts";
import { COMPRESSED, INSTRUCTIONS } from "./table.ts";

const PC = 0x10_0000;

function word(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte, i) => sum + byte * 2 ** (8 * i), 0);
}

test("reads back what the disassembler prints", () => {
  for (const row of [...INSTRUCTIONS, ...COMPRESSED]) {
    // The sets of a fence are printed as letters, which no program here needs.
    if (row.name === "fence") continue;
    for (const pick of [0, 0.3, 0.8]) {
      const fields: Partial<Fields> = {};
      for (const name of row.operands) {
        const { fields: named, range } = OPERANDS[name]!;
        const [least, greatest, step] = range;
        fields[named[0]!] = least + Math.floor(((greatest - least) / step) * pick) * step;
      }
      const encoded = encode(row, fields);
      if (decode(encoded) === undefined) continue;
      const text = disassemble(encoded, PC);
      assert.equal(word(assemble(text, PC).bytes), encoded, text);
    }
  }
});

test("places labels and data", () => {
  const { bytes, labels } = assemble(
    `
    start: c.nop_is_not_here: # labels may stand together
      jal zero, end
      .byte 0x11
      .half 0x2233
      .space 1
    end:
      .dword -1`,
    PC,
  );
  assert.equal(labels.get("start"), PC);
  assert.equal(labels.get("end"), PC + 8);
  assert.deepEqual([...bytes], [0x6f, 0, 0x80, 0, 0x11, 0x33, 0x22, 0, ...new Array(8).fill(0xff)]);
});

test("refuses what the instruction cannot express", () => {
  assert.throws(() => assemble("addi a0, a0, 2048"), /cannot express 2048/);
  assert.throws(() => assemble("c.lw t0, 0(a0)"), /cannot express t0/);
  assert.throws(() => assemble("frobnicate a0"), /no instruction/);
  assert.throws(() => assemble("addi a0, a0"), /lacks an operand/);
});
