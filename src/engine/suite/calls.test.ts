/** ecall, ebreak, illegal instructions, counters. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { EXIT, HART, TRAP } from "../../machine/index.ts";
import { CODE, END, EXIT_CALL, type WithGuest } from "../guest.test.ts";

/** Bits of 1, 3, and a third rounded to nearest, which is down. */
const ONE = 0x3ff0_0000_0000_0000n;
const THREE = 0x4008_0000_0000_0000n;
const THIRD = 0x3fd5_5555_5555_5555n;

export function testCalls(withGuest: WithGuest): void {
  it("goes on behind an ecall that the handler answered", () => {
    const source = `addi a7, zero, 5\n ecall\n addi a0, a0, 1 ${END}`;
    withGuest(source, (guest) => {
      guest.onCall = (_, { pc }) => {
        assert.equal(pc, CODE + 8);
        guest.set("a0", 41);
        return 0;
      };
      assert.equal(guest.finish().get("a0"), 42n);
      assert.deepEqual(guest.calls, [5, EXIT_CALL]);
    });
  });

  it("leaves when the handler unwinds, and goes on where the handler says", () => {
    const source = `addi a7, zero, 5\n ecall\n ebreak\n elsewhere: addi a0, zero, 9 ${END}`;
    withGuest(source, (guest) => {
      guest.onCall = () => {
        guest.pc = guest.label("elsewhere");
        return TRAP.LEAVE;
      };
      assert.equal(guest.run(), EXIT.SYSCALL);
      assert.equal(guest.pc, guest.label("elsewhere"));
      assert.equal(guest.finish().get("a0"), 9n);
    });
  });

  it("goes on with other registers, from within calls too, without being left", () => {
    const source = `
  addi s1, zero, 3
  again: jal ra, f
  bne s1, zero, again ${END}
  f: addi sp, sp, -16
  addi a7, zero, 5
  ecall
  ebreak
  elsewhere: addi s1, s1, -1
  add a0, a0, a1
  jalr zero, 0(ra)`;
    for (const poll of ["flag", "fuel"] as const) {
      withGuest(
        source,
        (guest) => {
          guest.onCall = () => {
            guest.pc = guest.label("elsewhere");
            guest.set("a1", 7n);
            guest.set("sp", guest.get("sp") + 16n);
            return TRAP.ELSEWHERE;
          };
          assert.equal(guest.run(10_000), EXIT.SYSCALL);
          assert.equal(guest.get("a0"), 21n);
          assert.deepEqual(guest.calls, [5, 5, 5, EXIT_CALL]);
        },
        { poll },
      );
    }
  });

  it("goes on with a pc that is no address, and under another rounding mode", () => {
    const source = `
  addi a7, zero, 5
  ecall
  ebreak
  elsewhere: fdiv.d fa0, fa1, fa2
  ecall`;
    withGuest(source, (guest) => {
      guest.set("fa1", ONE);
      guest.set("fa2", THREE);
      guest.onCall = () => {
        const upwards = guest.word(HART.frm) === 0;
        guest.space.memory.u32[HART.frm >> 2] = upwards ? 3 : 0;
        guest.pc = upwards ? guest.label("elsewhere") : 2 ** 40;
        return TRAP.ELSEWHERE;
      };
      assert.equal(guest.run(), EXIT.FETCH_FAULT);
      assert.equal(guest.pc, 2 ** 40);
      assert.equal(guest.get("fa0"), THIRD + 1n);
    });
  });

  it("stops at ebreak and at what is no instruction, without moving", () => {
    withGuest("addi a0, zero, 1\n c.ebreak\n .half 0", (guest) => {
      assert.equal(guest.run(), EXIT.BREAKPOINT);
      assert.equal(guest.pc, CODE + 4);
      guest.pc = CODE + 6;
      assert.equal(guest.run(), EXIT.ILLEGAL);
      assert.equal(guest.pc, CODE + 6);
      assert.equal(guest.get("a0"), 1n);
    });
  });

  it("reads clocks that do not run backwards", () => {
    withGuest(`csrrs a0, time, zero\n csrrs a1, time, zero\n csrrs a2, instret, zero ${END}`, (guest) => {
      guest.finish();
      assert.ok(guest.get("a1") >= guest.get("a0"));
      assert.ok(guest.get("a2") >= 0n);
    });
  });
}
