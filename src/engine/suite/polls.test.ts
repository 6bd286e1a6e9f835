/** Polls and fuel. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { ACCESS, EXIT, TRAP } from "../../machine/index.ts";
import { CODE, END, type WithGuest } from "../guest.test.ts";

const SPIN = "again: addi a0, a0, 1\n jal zero, again";

export function testPolls(withGuest: WithGuest): void {
  it("leaves a loop when a poll is asked for", () => {
    withGuest(SPIN, (guest) => {
      guest.askPoll(true);
      assert.equal(guest.run(), EXIT.POLL);
      assert.equal(guest.pc, CODE);
    });
  });

  it("goes on after a poll", () => {
    withGuest(SPIN.replace("jal", "ecall\n jal"), (guest) => {
      guest.onCall = () => {
        guest.askPoll(guest.calls.length % 3 === 0);
        return TRAP.GO_ON;
      };
      for (const seen of [3n, 6n, 9n]) {
        assert.equal(guest.run(), EXIT.POLL);
        assert.equal(guest.get("a0"), seen);
        guest.askPoll(false);
      }
    });
  });

  it("leaves when a handler asks for a poll", () => {
    const source = "addi a7, zero, 1\n again: ecall\n jal zero, again";
    withGuest(source, (guest) => {
      guest.onCall = () => {
        if (guest.calls.length === 5000) guest.askPoll(true);
        return 0;
      };
      assert.equal(guest.run(), EXIT.POLL);
      assert.equal(guest.calls.length, 5000);
    });
  });

  it("stops after exactly as much fuel as it was given", () => {
    const source = `
      again:
        addi a0, a0, 1
        c.addi a0, 1
        beq a1, a0, again
        addi a0, a0, 1
        jal ra, call
        jal zero, again
      call:
        addi a0, a0, 1
        jalr zero, 0(ra)`;
    withGuest(
      source,
      (guest) => {
        const offsets = [0, 4, 6, 10, 14, 22, 26, 18];
        for (let executed = 0; executed < 40_000; ) {
          const fuel = 1 + (executed % 13);
          assert.equal(guest.run(fuel), EXIT.POLL);
          executed += fuel;
          assert.equal(guest.pc, CODE + offsets[executed % offsets.length]!);
        }
      },
      { poll: "fuel" },
    );
  });

  it("stops exactly in long runs too", () => {
    withGuest(
      SPIN,
      (guest) => {
        assert.equal(guest.run(5_000_001), EXIT.POLL);
        assert.equal(guest.get("a0"), 2_500_001n);
        assert.equal(guest.pc, CODE + 4);
      },
      { poll: "fuel" },
    );
  });

  it("does nothing without fuel", () => {
    withGuest(
      SPIN,
      (guest) => {
        assert.equal(guest.run(0), EXIT.POLL);
        assert.equal(guest.get("a0"), 0n);
      },
      { poll: "fuel" },
    );
  });

  it("does not count an instruction that faulted", () => {
    withGuest(
      `lui a1, 0x70\n ld a0, 0(a1)\n addi a0, a0, 1 ${END}`,
      (guest) => {
        assert.equal(guest.run(2), EXIT.LOAD_FAULT);
        guest.space.memory.setAccess(0x7_0000, 0x7_1000, ACCESS.READ);
        assert.equal(guest.run(2), EXIT.POLL);
        assert.equal(guest.pc, CODE + 12);
      },
      { poll: "fuel" },
    );
  });
}
