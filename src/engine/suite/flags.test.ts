/** Accrued floating-point exceptions, kept from the start or from where the program first looks at them. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { type Engine, EXIT, HART } from "../../machine/index.ts";
import { CODE, END, Guest, type WithGuest } from "../guest.test.ts";

const ROUNDS = 20n;

/** Leaves 1 in fa0, 3 in fa1, 31 in t2, 0 in a0. */
const SETUP = `
  addi t2, zero, 31
  addi t0, zero, 3
  fcvt.d.w fa1, t0, rne
  addi t0, zero, 1
  fcvt.d.w fa0, t0, rne
  addi a0, zero, 0`;

/**
 * Runs lines behind SETUP often enough that they become hot. sp goes down into the stack, since nothing is translated while it
 * points to no memory.
 */
function repeated(lines: string, behind = ""): string {
  return `${SETUP}
      addi sp, sp, -16
      addi a2, zero, ${ROUNDS}
    again:
      ${lines}
      addi a2, a2, -1
      bne a2, zero, again
      ${behind}
      ${END}`;
}

/** Each clears accrued exceptions, and may write t1. */
const CLEARS = [
  "csrrwi zero, fflags, 0",
  "csrrwi zero, fcsr, 0",
  "csrrw zero, fflags, zero",
  "csrrw zero, fcsr, zero",
  "csrrw t1, fcsr, zero",
  "csrrci zero, fflags, 31",
  "csrrc zero, fflags, t2",
  "csrrs t1, fflags, zero\n andi t1, t1, 0\n csrrw zero, fflags, t1",
];

/** None tells anything of exceptions to the program. */
const HARMLESS = [
  "csrrs t1, fflags, zero\n fdiv.d fa2, fa0, fa1\n csrrw zero, fflags, t1",
  "csrrs t1, fcsr, zero\n fdiv.d fa2, fa0, fa1\n csrrw zero, fcsr, t1",
  "csrrs t1, fcsr, zero\n csrrwi zero, frm, 3\n fdiv.d fa2, fa0, fa1\n csrrw zero, fcsr, t1",
  "csrrsi zero, fflags, 1\n fdiv.d fa2, fa0, fa1",
  "csrrw zero, fflags, t2\n fdiv.d fa2, fa0, fa1",
  "csrrs zero, fcsr, t2\n fdiv.d fa2, fa0, fa1",
];

export function testFlags(engine: Engine, withGuest: WithGuest): void {
  for (const fflags of [true, false]) {
    const kept = fflags ? "kept from the start" : "kept when needed";
    it(`tells what was raised since accrued exceptions were cleared, ${kept}`, () => {
      for (const clear of CLEARS) {
        const source = repeated(`
          ${clear}
          fdiv.d fa2, fa0, fa1
          csrrs t1, fflags, zero
          add a0, a0, t1
          ${clear}
          fadd.d fa2, fa0, fa0
          csrrs t1, fcsr, zero
          slli t1, t1, 8
          add a0, a0, t1`);
        withGuest(source, (guest) => assert.equal(guest.finish().get("a0"), ROUNDS, clear), { fflags });
      }
    });

    it(`tells what was raised by code that was hot before it was asked about, ${kept}`, () => {
      // The second time round, after the clear.
      const source = repeated(
        "fdiv.d fa2, fa0, fa1",
        `
        bne s0, zero, read
        addi s0, zero, 1
        addi a2, zero, ${ROUNDS}
        csrrwi zero, fflags, 0
        jal zero, again
      read:
        csrrs a0, fflags, zero`,
      );
      withGuest(source, (guest) => assert.equal(guest.finish().get("a0"), 1n), { fflags });
    });
  }

  it("does not begin to keep exceptions for a program that only saves and restores or sets them", () => {
    for (const lines of HARMLESS) {
      const use = (guest: Guest) => assert.equal(guest.finish().space.options.fflags, false, lines);
      withGuest(repeated(lines), use, { fflags: false });
    }
  });

  it("reads back what was written while it keeps none", () => {
    withGuest(
      repeated("csrrw zero, fflags, t2\n csrrs t1, fflags, zero\n addi a0, t1, 0"),
      (guest) => assert.equal(guest.finish().get("a0"), 31n),
      { fflags: false },
    );
  });

  it("counts instructions as exactly while it keeps none", () => {
    for (const lines of [...HARMLESS, ...CLEARS]) {
      for (let fuel = 5; fuel <= 14; fuel++) {
        const states = [true, false].map((fflags) => {
          const guest = new Guest(engine, `${SETUP}\n ${lines}\n ${lines}\n ${"addi a0, a0, 1\n".repeat(8)}`, {
            fflags,
            poll: "fuel",
          });
          assert.equal(guest.run(fuel), EXIT.POLL);
          const state = [guest.pc, guest.word(HART.fflags), guest.get("t1"), guest.get("a0")];
          guest.space.release();
          return state;
        });
        assert.deepEqual(states[1], states[0], `${lines} after ${fuel}`);
        assert.equal(states[0]![0], CODE + 4 * fuel);
      }
    }
  });
}
