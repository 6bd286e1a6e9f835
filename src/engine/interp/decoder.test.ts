import assert from "node:assert/strict";
import { test } from "node:test";
import { ModuleBuilder } from "../../base/wasm/module.ts";
import { createCodeCompiler } from "../../host/node/code-compiler.ts";
import { type Decoded, decode } from "../../isa/decode.ts";
import type { RegisterFile } from "../../isa/fields.ts";
import { INSTRUCTIONS } from "../../isa/table.ts";
import { ACCESS, EXIT, HART } from "../../machine/index.ts";
import { MAX_WASM_PAGES } from "../limits.ts";
import { SpacePool } from "../space-pool.ts";
import { buildDecoder } from "./decoder.ts";
import { HANDLER, handlerNumber, RECORD } from "./record.ts";

const CODE = 0x4_0000;
const RECORD_AT = 0x5_0000;
const compiler = createCodeCompiler();
const slot = new SpacePool(compiler).acquire();
const { memory } = slot;
const decoder = instantiate();

function instantiate(): (record: number, pc: number) => number {
  const module = new ModuleBuilder();
  module.importMemory("env", "memory", 1, MAX_WASM_PAGES);
  const index = module.define(module.type(["i32", "i32"], ["i32"]), "decode");
  module.body(index, buildDecoder());
  module.exportFunction("decode", index);
  const exports = compiler.instantiate(compiler.compile(module.encode().bytes), { env: { memory: slot.handle } });
  return exports.decode as (record: number, pc: number) => number;
}

/** The record of the word at an address, as 16-bit numbers. */
function recordOf(word: number, pc: number): Uint16Array {
  memory.u32.fill(0, RECORD_AT >>> 2, (RECORD_AT + RECORD.bytes) >>> 2);
  memory.view.setUint32(pc, word, true);
  assert.equal(decoder(RECORD_AT, pc), 0);
  return new Uint16Array(memory.u8.slice(RECORD_AT, RECORD_AT + RECORD.bytes).buffer);
}

const register = (file: RegisterFile | undefined, number: number) =>
  file === undefined ? 0 : (file === "f" ? HART.f : HART.x) + 8 * number;

/** What decode.ts says of a word, as a record. */
function expected(decoded: Decoded | undefined, pc: number): Uint16Array {
  const halves = new Uint16Array(RECORD.bytes / 2);
  const words = new Int32Array(halves.buffer);
  if (decoded === undefined) {
    halves[RECORD.handler / 2] = HANDLER.ILLEGAL;
    return halves;
  }
  const { op, length, rd, rs1, rs2, rs3, imm, rm, csr } = decoded;
  const { files } = op;
  halves[RECORD.handler / 2] = handlerNumber(op, length);
  halves[RECORD.rd / 2] = files.rd === "x" && rd === 0 ? HART.sink : register(files.rd, rd);
  halves[RECORD.rs1 / 2] = register(files.rs1, rs1);
  halves[RECORD.rs2 / 2] = register(files.rs2, rs2);
  words[RECORD.imm / 4] = imm;
  if (op.kind === "branch" || op.kind === "jal") words[RECORD.near / 4] = (pc + imm) >>> 12 === pc >>> 12 ? imm * 8 : 0;
  else if (op.kind === "csr") halves[RECORD.csr / 2] = csr;
  else {
    halves[RECORD.rs3 / 2] = register(files.rs3, rs3);
    halves[RECORD.rm / 2] = rm;
  }
  return halves;
}

function check(word: number, pc: number): void {
  assert.deepEqual(recordOf(word, pc), expected(decode(word), pc), `0x${(word >>> 0).toString(16)} at ${pc}`);
}

memory.setAccess(CODE, CODE + 0x1000, ACCESS.READ | ACCESS.EXEC);

test("decodes every 16-bit word as the table says", () => {
  for (let word = 0; word < 0x1_0000; word++) if ((word & 3) !== 3) check(word, CODE + 0x80);
});

test("decodes 32-bit words as the table says: each instruction with random operands, and random words", () => {
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 16) | (Math.imul(seed, 69069) & 0xffff_0000);
  };
  for (let round = 0; round < 100; round++) {
    for (const { match, mask } of INSTRUCTIONS) check((match | (random() & ~mask)) >>> 0, CODE + (random() & 0xffc));
    for (let i = 0; i < 100; i++) check((random() | 3) >>> 0, CODE + (random() & 0xffc));
  }
});

test("refuses what lies in a page that may not be executed, and says which byte", () => {
  const refusedAt = (pc: number) => {
    assert.equal(decoder(RECORD_AT, pc), EXIT.FETCH_FAULT);
    return memory.u32[HART.faultAddress >>> 2];
  };
  assert.equal(refusedAt(CODE + 0x1000), CODE + 0x1000);
  memory.view.setUint16(CODE + 0xffe, 3, true);
  assert.equal(refusedAt(CODE + 0xffe), CODE + 0x1000);
  memory.view.setUint16(CODE + 0xffe, 1, true);
  memory.u32.fill(0, RECORD_AT >>> 2, (RECORD_AT + RECORD.bytes) >>> 2);
  assert.equal(decoder(RECORD_AT, CODE + 0xffe), 0);
});
