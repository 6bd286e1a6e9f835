import assert from "node:assert/strict";
import { test } from "node:test";
import { assemble } from "./assemble.ts";
import { decode } from "./decode.ts";
import { namesFlags, observesFlags } from "./flags.ts";

/** Whether the first of some instructions, each of 32 bits, shows that the program looks at flags. */
function observes(source: string): boolean {
  const { bytes } = assemble(source, 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const steps = Array.from({ length: bytes.length / 4 }, (_, i) => decode(view.getUint32(i * 4, true))!);
  return namesFlags(steps[0]!) && observesFlags(steps[0]!, steps.slice(1));
}

test("a read observes unless straight-line code puts back what was read", () => {
  const read = "csrrs t1, fflags, zero\n";
  const back = "csrrw zero, fflags, t1\n";
  const nop = "addi zero, zero, 0\n";
  assert.equal(observes(read), true);
  assert.equal(observes(read + back), false);
  assert.equal(observes(`csrrsi t1, fcsr, 0\n fadd.d fa0, fa0, fa1\n csrrw zero, fcsr, t1`), false);
  assert.equal(observes(read + nop.repeat(23) + back), false);
  assert.equal(observes(read + nop.repeat(24) + back), true);
  assert.equal(observes(`${read} addi a0, t1, 0\n ${back}`), true);
  assert.equal(observes(`${read} sd t1, 0(sp)\n ${back}`), true);
  assert.equal(observes(`${read} addi t1, zero, 0\n ${back}`), true);
  assert.equal(observes(`${read} csrrw t0, fflags, t1`), true);
  assert.equal(observes(`${read} csrrw zero, frm, t1\n ${back}`), true);
  assert.equal(observes(`${read} ecall\n ${back}`), true);
  assert.equal(observes(`here: ${read} beq zero, zero, here\n ${back}`), true);
});

test("a read whose register is put back or left to die on every way forward does not observe", () => {
  const read = "csrrs t1, fflags, zero\n";
  const back = "csrrw zero, fflags, t1\n";
  const end = "jalr zero, 0(ra)\n";
  // floor() of glibc 2.41: on two ways the flags are as they shall be.
  const floor = (behind: string): string =>
    `${read} beq a5, zero, other\n blt a5, a4, done\n fadd.d fa0, fa0, fa1\n ${back} done: ${end} other: ${behind}`;
  assert.equal(observes(floor(`fadd.d fa0, fa0, fa0\n ${end}`)), false);
  assert.equal(observes(floor(`addi a1, t1, 0\n ${end}`)), true);
  assert.equal(observes(floor("ecall")), true);
  assert.equal(observes(floor("jalr zero, 0(t0)")), true);
  assert.equal(observes(`${read} beq t1, zero, done\n ${back} done: ${end}`), true);
  assert.equal(observes(read + end), true);
  const result = "csrrs a0, fflags, zero\n";
  assert.equal(observes(`${result} beq a5, zero, done\n csrrw zero, fflags, a0\n done: ${end}`), true);
});

test("a clear or a swap observes, a set or a restore does not", () => {
  for (const text of [
    "csrrwi zero, fflags, 0",
    "csrrw zero, fcsr, zero",
    "csrrc zero, fflags, t0",
    "csrrci t0, fcsr, 1",
  ]) {
    assert.equal(observes(text), true, text);
  }
  for (const text of ["csrrw t0, fflags, t1", "csrrs t0, fflags, t1", "csrrsi t0, fcsr, 1"]) {
    assert.equal(observes(text), true, text);
  }
  for (const text of [
    "csrrw zero, fcsr, t1",
    "csrrs zero, fflags, t1",
    "csrrsi zero, fflags, 1",
    "csrrci zero, frm, 7",
  ]) {
    assert.equal(observes(text), false, text);
  }
});
