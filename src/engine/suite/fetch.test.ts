/** Where control may go. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { ACCESS, EXIT, HART } from "../../machine/index.ts";
import { CODE, DATA, END, type WithGuest } from "../guest.test.ts";

export function testFetch(withGuest: WithGuest): void {
  const wild: readonly (readonly [string, bigint])[] = [
    ["to address 0", 0n],
    ["where nothing is", 0x7_0000n],
    ["to data", BigInt(DATA)],
    ["beyond 4 GB", 0x1_0000_0000n + BigInt(CODE)],
    ["to a kernel's address", -0x1000n],
  ];
  for (const [title, address] of wild) {
    it(`refuses a jump ${title}, at the target`, () => {
      withGuest("jalr ra, 0(a1)", (guest) => {
        guest.set("a1", address);
        assert.equal(guest.run(), EXIT.FETCH_FAULT);
        assert.equal(BigInt.asUintN(64, guest.space.memory.i64[HART.pc >> 3]!), BigInt.asUintN(64, address));
        assert.equal(guest.faultAddress, BigInt.asUintN(64, address));
        assert.equal(guest.get("ra"), BigInt(CODE + 4));
      });
    });
  }

  it("refuses to run off the end of the code", () => {
    withGuest("addi a0, zero, 1\n jal zero, last\n .space 0x3ff6\n last: c.addi a0, 1", (guest) => {
      assert.equal(guest.run(), EXIT.FETCH_FAULT);
      assert.equal(guest.pc, CODE + 0x4000);
      assert.equal(guest.get("a0"), 2n);
    });
  });

  it("runs an instruction that straddles two pages, and on behind it", () => {
    withGuest(`jal zero, last\n .space 0xffa\n last: addi a0, zero, 5\n addi a0, a0, 1 ${END}`, (guest) => {
      assert.equal(guest.label("last"), CODE + 0xffe);
      assert.equal(guest.finish().get("a0"), 6n);
    });
  });

  it("refuses an instruction that straddles into a page that is not executable", () => {
    withGuest(`jal zero, last\n .space 0xffa\n last: addi a0, zero, 5 ${END}`, (guest) => {
      guest.space.memory.setAccess(CODE + 0x1000, CODE + 0x2000, ACCESS.READ);
      assert.equal(guest.run(), EXIT.FETCH_FAULT);
      assert.equal(guest.pc, CODE + 0xffe);
      assert.equal(guest.faultAddress, BigInt(CODE + 0x1000));
    });
  });

  it("branches from page to page, back and forth", () => {
    const source = `
        addi a0, zero, 0
        lui a1, 4
        addi a1, a1, 1
      here:
        addi a0, a0, 1
        beq a0, a1, end
        jal zero, there
      end: ${END}
        .space 0x1000
      there:
        addi a0, a0, 1
        jal zero, here`;
    withGuest(source, (guest) => assert.equal(guest.finish().get("a0"), 0x4001n));
  });

  it("enters code anywhere", () => {
    withGuest(`addi a0, a0, 1\n addi a0, a0, 2\n addi a0, a0, 4 ${END}`, (guest) => {
      guest.finish();
      guest.set("a0", 0);
      guest.pc = CODE + 4;
      assert.equal(guest.finish().get("a0"), 6n);
    });
  });
}
