import assert from "node:assert/strict";
import { test } from "node:test";
import { createCodeCompiler } from "../../host/node/code-compiler.ts";
import { ACCESS, EXIT, HART, HART_THREAD_BYTES, type Space, TRAP, type TrapHandler } from "../../machine/index.ts";
import { createInterpEngine } from "../index.ts";
import { decodeStartRecord, encodeStartRecord } from "./encode-record.ts";
import { createReplayEngine, StartDiffers } from "./replay-engine.ts";
import { CALL_REGISTERS, hashOf, type StartRecord } from "./start-record.ts";

const OPTIONS = { policy: "null", poll: "flag", fflags: false, count: false } as const;
const PAGE = 0x2000_0000;
const A0 = HART.x / 4 + 2 * 10;
const A7 = HART.x / 4 + 2 * 17;
const EBREAK = 0x0010_0073;

/** One call, number 7, which reads a byte, doubles its first argument and writes a word; then code that breaks at PAGE + 16. */
function record(): StartRecord {
  const registers = CALL_REGISTERS.flatMap((register) => [register === 10 ? 21 : register === 17 ? 7 : 0, 0]);
  const answer = new Uint8Array([9, 0, 0, 0]);
  const hart = new Uint8Array(HART_THREAD_BYTES);
  new DataView(hart.buffer).setUint32(HART.pc - HART.x, PAGE + 16, true);
  const code = new Uint8Array(4);
  new DataView(code.buffer).setUint32(0, EBREAK, true);
  return {
    calls: [
      {
        registers,
        inputs: [{ at: PAGE, bytes: new Uint8Array([5]) }],
        result: [42, 0],
        outputs: [{ at: PAGE + 8, length: 4, hash: hashOf(answer) }],
      },
    ],
    hart,
    fflags: true,
    memory: [{ at: PAGE + 16, bytes: code }],
  };
}

function machine(given: StartRecord, word = 9) {
  const inner = createInterpEngine({ compiler: createCodeCompiler() });
  const seen: number[] = [];
  let space: Space;
  const handler: TrapHandler = {
    syscall() {
      const { i32, u8 } = space.memory;
      seen.push(i32[A7]!, i32[A0]!, u8[PAGE]!);
      i32[A0] = 2 * i32[A0]!;
      i32[PAGE / 4 + 2] = word;
      return TRAP.LEAVE;
    },
  };
  const engine = createReplayEngine(inner, given);
  const make = (): Space => {
    space = engine.createSpace(handler, OPTIONS);
    space.memory.ensure(PAGE + 0x1_0000);
    space.memory.setAccess(PAGE, PAGE + 0x1000, ACCESS.READ | ACCESS.WRITE | ACCESS.EXEC);
    return space;
  };
  return { make, seen };
}

test("a replayed start makes its calls, then has the recorded memory and registers", () => {
  const { make, seen } = machine(decodeStartRecord(encodeStartRecord(record()))!);
  const space = make();
  assert.equal(space.run(0), EXIT.SYSCALL);
  assert.deepEqual(seen, [7, 21, 5]);
  assert.equal(space.options.fflags, false);
  assert.equal(space.run(0), EXIT.BREAKPOINT);
  assert.equal(space.memory.u32[HART.pc / 4], PAGE + 16);
  assert.equal(space.options.fflags, true);
  // Only the first program of a machine is started so.
  make().memory.u32[HART.pc / 4] = PAGE;
  assert.equal(seen.length, 3);
});

test("another answer, by result or in memory, ends a replayed start", () => {
  assert.throws(() => machine(record(), 10).make().run(0), StartDiffers);
  const [call] = record().calls;
  assert.throws(
    () =>
      machine({ ...record(), calls: [{ ...call!, result: [43, 0] }] })
        .make()
        .run(0),
    StartDiffers,
  );
});

test("what is no record is none", () => {
  const { head, memory } = encodeStartRecord(record());
  for (const length of [0, 3, 40]) assert.equal(decodeStartRecord({ head: head.slice(0, length), memory }), undefined);
});
