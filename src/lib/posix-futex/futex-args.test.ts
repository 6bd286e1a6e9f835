import assert from "node:assert/strict";
import { test } from "node:test";
import { FUTEX, FUTEX_OP, FUTEX_OP_CMP, FUTEX2 } from "../../abi/futex.ts";
import { futexWaitv } from "../../abi/riscv64/futex-waitv.ts";
import { CLOCK } from "../../abi/time.ts";
import { TestKernel } from "../../host/test/index.ts";
import { trace } from "../trace/index.ts";
import { posixFutex } from "./index.ts";

test("each operation is shown with what it takes", () => {
  const lines: string[] = [];
  const k = new TestKernel([posixFutex, trace((line) => lines.push(line))]);
  const task = k.process();
  const word = k.reserve(task, 8);
  const at = `0x${word.toString(16)}`;
  const shown = (op: number, ...rest: number[]) => {
    k.call(task, "futex", word, op, ...rest);
    return lines.pop()!.replace(/ +=.*/, "");
  };
  assert.equal(shown(FUTEX.WAKE | FUTEX.PRIVATE_FLAG, 1, 77, 77, 77), `futex(${at}, FUTEX_WAKE_PRIVATE, 1)`);
  const bitset = FUTEX.WAIT_BITSET | FUTEX.CLOCK_REALTIME;
  const any = FUTEX.BITSET_MATCH_ANY;
  const named = "FUTEX_BITSET_MATCH_ANY";
  assert.equal(shown(bitset, 1, 0, 77, any), `futex(${at}, FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME, 1, NULL, ${named})`);
  assert.equal(shown(FUTEX.REQUEUE, 1, 2, 0x40), `futex(${at}, FUTEX_REQUEUE, 1, 2, 0x40)`);
  assert.equal(shown(FUTEX.UNLOCK_PI, 1, 2, 3, 4), `futex(${at}, FUTEX_UNLOCK_PI)`);
  const change = (FUTEX_OP.OR << 28) | (FUTEX_OP_CMP.GT << 24) | (5 << 12);
  const printed = "FUTEX_OP_OR<<28|0x5<<12|FUTEX_OP_CMP_GT<<24|0";
  assert.equal(shown(FUTEX.WAKE_OP, 1, 2, word, change), `futex(${at}, FUTEX_WAKE_OP, 1, 2, ${at}, ${printed})`);
  assert.equal(shown(99, 1, 0, 0, 4), `futex(${at}, 0x63, 1, NULL, NULL, 4)`);

  const list = k.reserve(task, futexWaitv.size);
  task.mm.writeStruct(list, futexWaitv, { value: 7, address: word, flags: FUTEX2.SIZE_U32, reserved: 0 });
  k.call(task, "futex_waitv", list, 1, 0, 0, CLOCK.MONOTONIC);
  const entry = `{val=7, uaddr=${at}, flags=FUTEX2_SIZE_U32}`;
  assert.equal(lines.pop()!.split(" = ")[0]?.trimEnd(), `futex_waitv([${entry}], 1, 0, NULL, CLOCK_MONOTONIC)`);
});
