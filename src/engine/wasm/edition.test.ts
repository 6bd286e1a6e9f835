import assert from "node:assert/strict";
import { test } from "node:test";
import { assemble } from "../../isa/assemble.ts";
import { type CodeView, type FunctionMap, type Translation, translate, WHOLE_FUNCTION } from "../../translate/index.ts";
import { makeEdition } from "./edition.ts";
import { TARGET } from "./target.ts";

const START = 0x1_0000;
const { bytes, labels } = assemble(
  `outer:
     addi sp, sp, -16
     sd ra, 0(sp)
     jal ra, inner
     ld ra, 0(sp)
     addi sp, sp, 16
     jalr zero, 0(ra)
   inner:
     beq a0, zero, rare
     addi a0, a0, 1
     jalr zero, 0(ra)
   rare:
     addi a0, a0, 2
     jalr zero, 0(ra)`,
  START,
);
const at = (label: string) => labels.get(label)!;
const view = new DataView(bytes.buffer);
const within = (pc: number) => pc >= START && pc + 2 <= START + bytes.length;
const code: CodeView = {
  half: (pc) => (within(pc) ? view.getUint16(pc - START, true) : undefined),
  word: (pc) => (within(pc) ? view.getInt32(pc - START, true) : undefined),
};
const bounds = [at("outer"), at("inner"), START + bytes.length];
const startOf = (pc: number) => bounds.findLast((start) => start <= pc)!;
const objects: FunctionMap & { startOf(pc: number): number } = {
  startOf,
  endOf: (pc) => (startOf(pc) === pc ? bounds[bounds.indexOf(pc) + 1] : undefined),
  nameOf: String,
};
const request = { target: TARGET, code, objects, hasRun: () => false, seen: () => undefined } as const;
const options = { policy: "null", poll: "flag", fflags: false, count: false, fma: "soft" } as const;

function alone(label: string, isCold: (pc: number) => boolean): Translation {
  return translate({
    target: TARGET,
    options,
    code,
    functions: objects,
    starts: [at(label)],
    include: () => false,
    limit: 1,
    boundsOf: () => ({ ...WHOLE_FUNCTION, isCold }),
    seen: () => undefined,
  })!;
}

test("an edition joins functions with their pieces, and calls them directly", () => {
  const reached = () => false;
  const old = [alone("outer", reached), alone("inner", (pc) => pc === at("rare")), alone("rare", reached)];
  assert.deepEqual(old[0]?.links, [at("inner")]);
  const [edition, ...more] = makeEdition({ ...request, options, old });
  assert.equal(more.length, 0);
  assert.deepEqual(
    edition?.regions.map(({ start }) => start),
    [at("outer"), at("inner")],
  );
  assert.deepEqual(edition?.links, []);
  assert.deepEqual(edition?.ranges, [
    { start: at("outer"), end: at("inner") },
    { start: at("inner"), end: START + bytes.length },
  ]);
});

test("an edition leaves out what was never reached", () => {
  const [edition] = makeEdition({ ...request, options, old: [alone("inner", (pc) => pc === at("rare"))] });
  assert.deepEqual(edition?.ranges, [{ start: at("inner"), end: at("rare") }]);
});
