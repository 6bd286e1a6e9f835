/** Code that changes, and options that change. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { assemble } from "../../isa/assemble.ts";
import { ACCESS, EXIT } from "../../machine/index.ts";
import { CODE, END, type WithGuest } from "../guest.test.ts";

/** Calls `f` often, which returns a constant. */
const CALLER = `
    lui s0, 1
  again:
    jal ra, f
    addi s0, s0, -1
    bne s0, zero, again ${END}
  f:
    addi a0, zero, 1
    jalr zero, 0(ra)`;

const REPLACEMENT = new DataView(assemble("addi a0, zero, 2").bytes.buffer).getUint32(0, true);

export function testCodeChanges(withGuest: WithGuest): void {
  it("runs code that the guest rewrote, after fence.i", () => {
    const source = `
        auipc s1, 0
        lui s0, 4
      again:
        jal ra, f
        addi s0, s0, -1
        bne s0, zero, again
        sw a1, 44(s1)
        fence.i
        jal ra, f ${END}
        addi zero, zero, 0
      f:
        addi a0, zero, 1
        jalr zero, 0(ra)`;
    withGuest(source, (guest) => {
      assert.equal(guest.label("f"), CODE + 44);
      guest.set("a1", REPLACEMENT);
      assert.equal(guest.finish().get("a0"), 2n);
    });
  });

  it("runs code that was changed from outside, once told", () => {
    withGuest(CALLER, (guest) => {
      assert.equal(guest.finish().get("a0"), 1n);
      const f = guest.label("f");
      guest.space.memory.view.setUint32(f, REPLACEMENT, true);
      guest.space.invalidate(f, f + 4);
      guest.pc = CODE;
      assert.equal(guest.finish().get("a0"), 2n);
    });
  });

  it("forgets an instruction of which only the second half was told", () => {
    withGuest(CALLER, (guest) => {
      guest.finish();
      const f = guest.label("f");
      guest.space.memory.view.setUint32(f, REPLACEMENT, true);
      guest.space.invalidate(f + 2, f + 4);
      guest.pc = CODE;
      assert.equal(guest.finish().get("a0"), 2n);
    });
  });

  it("refuses code that lost its permission", () => {
    withGuest(CALLER, (guest) => {
      guest.finish();
      guest.space.memory.setAccess(CODE, CODE + 0x1000, ACCESS.READ);
      guest.space.invalidate(CODE, CODE + 0x1000);
      guest.pc = guest.label("f");
      assert.equal(guest.run(), EXIT.FETCH_FAULT);
      assert.equal(guest.pc, guest.label("f"));
    });
  });

  it("goes on under other options", () => {
    withGuest(CALLER, (guest) => {
      guest.finish();
      const { options } = guest.space;
      guest.space.reconfigure({ ...options, poll: "fuel" });
      guest.pc = CODE;
      assert.equal(guest.run(1000), EXIT.POLL);
      guest.space.reconfigure({ ...options, policy: "null" });
      assert.equal(guest.finish().get("a0"), 1n);
    });
  });
}
