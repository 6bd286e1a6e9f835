import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../decode.ts";
import type { Extension } from "../instruction.ts";
import { COMPRESSED, INSTRUCTIONS } from "../table.ts";
import { PLACE } from "./layout.ts";
import { type RandomProgram, randomProgram } from "./program.ts";

const EXTENSIONS: readonly Extension[] = [...new Set(INSTRUCTIONS.map((row) => row.extension)), "C"];

/** The words of the text from one address to another, with their rows. */
function* listing({ code }: RandomProgram, start: number, end: number): Generator<string | undefined> {
  const view = new DataView(code.buffer, code.byteOffset);
  for (let pc = start; pc < end; ) {
    const half = view.getUint16(pc - PLACE.code, true);
    const decoded = decode((half & 3) === 3 ? view.getUint32(pc - PLACE.code, true) : half);
    yield decoded?.op.name;
    pc += decoded?.length ?? 2;
  }
}

test("randomProgram repeats itself for a seed", () => {
  const options = { seed: 7, extension: "D", instructions: 300 } as const;
  assert.deepEqual(randomProgram(options), randomProgram(options));
  assert.notDeepEqual(randomProgram(options).code, randomProgram({ ...options, seed: 8 }).code);
});

test("randomProgram cut short is a prefix", () => {
  const options = { seed: 9, extension: "A", instructions: 500 } as const;
  const whole = randomProgram(options);
  const part = randomProgram({ ...options, maxPieces: 10 });
  const end = part.pieces.at(-1)!;
  assert.equal(whole.pieces[10], end);
  assert.deepEqual(part.code.subarray(0, end - PLACE.code), whole.code.subarray(0, end - PLACE.code));
});

test("randomProgram emits legal instructions, all of its extension among them", () => {
  for (const extension of EXTENSIONS) {
    const program = randomProgram({ seed: 1, extension, instructions: 3000 });
    const seen = new Set(listing(program, PLACE.code, PLACE.code + program.code.length));
    assert.ok(!seen.has(undefined), extension);
    for (const { name, extension: owner } of INSTRUCTIONS) {
      if (owner === extension && name !== "ebreak") assert.ok(seen.has(name), `${name} was not tried`);
    }
  }
});

test("randomProgram emits every compressed instruction but ebreak", () => {
  const { code } = randomProgram({ seed: 2, extension: "C", instructions: 5000 });
  const view = new DataView(code.buffer, code.byteOffset);
  const halves = new Set<number>();
  for (let at = 0; at < code.length; ) {
    const half = view.getUint16(at, true);
    if ((half & 3) !== 3) halves.add(half);
    at += (half & 3) === 3 ? 4 : 2;
  }
  for (const { name, match, mask } of COMPRESSED) {
    if (name === "c.ebreak") continue;
    assert.ok(
      [...halves].some((half) => (half & mask) === match),
      `${name} was not tried`,
    );
  }
});
