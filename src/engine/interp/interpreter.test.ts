import assert from "node:assert/strict";
import { test } from "node:test";
import { createCodeCompiler } from "../../host/node/code-compiler.ts";
import { assemble } from "../../isa/assemble.ts";
import { ACCESS, EXIT, HART, TRAP } from "../../machine/index.ts";
import { codeMapRecord, heatCounter } from "../code-map.ts";
import { SpacePool } from "../space-pool.ts";
import { seenTarget } from "./decode-cache.ts";
import { interpreterOf } from "./interpreter.ts";
import { LEAVE } from "./module.ts";
import { FRAMES } from "./record.ts";

const CODE = 0x4_0000;
const COLD = { tiering: true, exact: false };
const FUEL = 1_000_000;
const compiler = createCodeCompiler();

/** An interpreter over a fresh memory with one program in it. */
function interpreting(source: string, pages = 1) {
  const slot = new SpacePool(compiler).acquire();
  const { memory } = slot;
  memory.setAccess(CODE, CODE + pages * 0x1000, ACCESS.READ | ACCESS.EXEC);
  const { bytes, labels } = assemble(source, CODE);
  memory.u8.set(bytes, CODE);
  const interpreter = interpreterOf(slot, compiler, { syscall: () => TRAP.LEAVE });
  const x = (register: number) => memory.i64[(HART.x >> 3) + register]!;
  const jump = (pc: number) => {
    memory.i64[HART.pc >> 3] = BigInt(pc);
  };
  jump(CODE);
  return { memory, interpreter, labels, x, jump, pc: () => Number(memory.i64[HART.pc >> 3]!) };
}

const LOOP = `
    addi t0, zero, 1
  loop:
    addi t0, t0, 1
    beq zero, zero, forward
  forward:
    bne t0, zero, loop`;

test("reports the target of a backward branch when it is hot, again and again", () => {
  const { memory, interpreter, labels, x, pc } = interpreting(LOOP);
  assert.equal(interpreter.run(COLD, FUEL, 10), LEAVE.HOT);
  assert.equal(pc(), labels.get("loop"));
  assert.equal(x(5), 11n);
  assert.equal(memory.view.getUint16(heatCounter(pc()), true), 0);
  assert.equal(interpreter.run(COLD, FUEL, 10), LEAVE.HOT);
  assert.equal(x(5), 21n);
});

test("leaves where translated code exists, with nothing done there", () => {
  const { memory, interpreter, labels, x, pc } = interpreting(LOOP);
  const loop = labels.get("loop")!;
  memory.u32[codeMapRecord(loop) >> 2] = loop;
  assert.equal(interpreter.run(COLD, FUEL, 100), LEAVE.TRANSLATED);
  assert.equal(pc(), loop);
  assert.equal(x(5), 2n);
});

test("does not take the empty code map for translated code at address 0", () => {
  const { interpreter, pc } = interpreting("jalr ra, 0(zero)");
  assert.equal(interpreter.run(COLD, FUEL, 100), EXIT.FETCH_FAULT);
  assert.equal(pc(), 0);
});

test("ignores translated code and heat when it runs alone", () => {
  const { memory, interpreter, labels } = interpreting(LOOP);
  const loop = labels.get("loop")!;
  memory.u32[codeMapRecord(loop) >> 2] = loop;
  assert.equal(interpreter.run({ tiering: false, exact: false }, 5000), LEAVE.SLICE);
  assert.equal(interpreter.run({ tiering: false, exact: true }, 5000), EXIT.POLL);
});

test("remembers where a jump through a register went the last time", () => {
  const { memory, interpreter, labels, jump } = interpreting(`
    auipc t0, 0
    addi t0, t0, 16
  here:
    jalr zero, 0(t0)
  never:
    jalr zero, 0(t1)
  there:
    ecall`);
  assert.equal(seenTarget(memory, labels.get("here")!), undefined);
  interpreter.run(COLD, FUEL, 100);
  assert.equal(seenTarget(memory, labels.get("here")!), labels.get("there"));
  assert.equal(seenTarget(memory, labels.get("never")!), undefined);
  jump(labels.get("here")!);
  interpreter.invalidate(CODE, CODE + 0x1000);
  assert.equal(seenTarget(memory, labels.get("here")!), undefined);
});

test("counts what it runs, in every mode", () => {
  const { interpreter, jump } = interpreting("addi t0, t0, 1\n c.addi t0, 1\n ebreak");
  for (const tiering of [false, true]) {
    for (const exact of [false, true]) {
      const before = interpreter.retired;
      jump(CODE);
      assert.equal(interpreter.run({ tiering, exact }, FUEL, 100), EXIT.BREAKPOINT);
      assert.equal(interpreter.retired - before, 2);
    }
  }
});

test("reports fence.i to the engine, behind it", () => {
  const { interpreter, pc } = interpreting("fence.i");
  assert.equal(interpreter.run(COLD, FUEL, 100), LEAVE.FENCE);
  assert.equal(pc(), CODE + 4);
});

test("runs more pages of code than the decode cache has frames", () => {
  const pages = FRAMES + 20;
  const { memory, interpreter, x, jump } = interpreting("", pages);
  // Each page holds one addition and a jump to the next page; the last one stops.
  const hop = assemble("addi t0, t0, 1\n lui t1, 1\n add t2, t2, t1\n jalr zero, 0(t2)").bytes;
  for (let page = 0; page < pages; page++) memory.u8.set(hop, CODE + page * 0x1000);
  memory.u8.set(assemble("ebreak").bytes, CODE + (pages - 1) * 0x1000);
  for (let round = 1; round <= 2; round++) {
    jump(CODE);
    memory.i64[(HART.x >> 3) + 7] = BigInt(CODE);
    assert.equal(interpreter.run({ tiering: false, exact: false }, FUEL), EXIT.BREAKPOINT);
    assert.equal(x(5), BigInt((pages - 1) * round));
  }
});
