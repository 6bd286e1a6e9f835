/** ecall, ebreak, illegal instructions, counters. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { EXIT } from "../../machine/index.ts";
import { CODE, END, EXIT_CALL, type WithGuest } from "../guest.test.ts";

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
        return 1;
      };
      assert.equal(guest.run(), EXIT.SYSCALL);
      assert.equal(guest.pc, guest.label("elsewhere"));
      assert.equal(guest.finish().get("a0"), 9n);
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
