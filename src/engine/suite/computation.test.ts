/** Registers, arithmetic, calls and returns, LR/SC. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { EXIT } from "../../machine/index.ts";
import { CODE, DATA, dataAddress, END, STACK_TOP, type WithGuest } from "../guest.test.ts";

export function testComputation(withGuest: WithGuest): void {
  it("computes, long enough that code becomes hot", () => {
    const source = `
        lui a1, 100
        addi a0, zero, 0
      again:
        add a0, a0, a1
        addi a1, a1, -1
        bne a1, zero, again ${END}`;
    withGuest(source, (guest) => {
      const n = 100n << 12n;
      assert.equal(guest.finish().get("a0"), (n * (n + 1n)) / 2n);
    });
  });

  it("keeps x0 zero, whatever is written to it", () => {
    const source = `${dataAddress("a1")}
        sd a1, 0(a1)
        addi zero, a1, 1
        add a0, zero, zero
        ld zero, 0(a1)
        or a0, a0, zero
        amoswap.d zero, a1, (a1)
        or a0, a0, zero
        jal zero, on
      on:
        or a0, a0, zero
        csrrs zero, cycle, zero
        or a0, a0, zero ${END}`;
    withGuest(source, (guest) => assert.equal(guest.finish().get("a0"), 0n));
  });

  it("recurses and returns, tens of thousands of calls deep", () => {
    const source = `
        lui a0, 5
        jal ra, sum ${END}
      sum:
        beq a0, zero, zero_case
        addi sp, sp, -16
        sd ra, 0(sp)
        sd a0, 8(sp)
        addi a0, a0, -1
        jal ra, sum
        ld t0, 8(sp)
        add a0, a0, t0
        ld ra, 0(sp)
        addi sp, sp, 16
      zero_case:
        jalr zero, 0(ra)`;
    withGuest(source, (guest) => {
      const n = 5n << 12n;
      assert.equal(guest.finish().get("a0"), (n * (n + 1n)) / 2n);
      assert.equal(guest.get("sp"), BigInt(STACK_TOP));
    });
  });

  it("computes the target of jalr before it links", () => {
    const source = `
        auipc t0, 0
        jalr t0, 12(t0)
        addi a0, zero, 1 ${END}`;
    withGuest(source, (guest) => {
      assert.equal(guest.finish().get("a0"), 0n);
      assert.equal(guest.get("t0"), BigInt(CODE + 8));
    });
  });

  it("clears the lowest bit of an indirect target", () => {
    withGuest(`auipc t0, 0\n jalr zero, 9(t0) ${END}`, (guest) => void guest.finish());
  });

  it("rounds as frm says and accrues exceptions", () => {
    const source = `
        addi t0, zero, 3
        fcvt.d.w fa1, t0, rne
        addi t0, zero, 1
        fcvt.d.w fa0, t0, rne
        csrrwi zero, fcsr, 0
        fdiv.d fa2, fa0, fa1
        csrrs a0, fflags, zero
        csrrwi zero, frm, 3
        fdiv.d fa3, fa0, fa1
        csrrs a1, fcsr, zero ${END}`;
    withGuest(source, (guest) => {
      guest.finish();
      assert.equal(guest.get("a0"), 1n);
      assert.equal(guest.get("a1"), 0x61n);
      assert.equal(guest.get("fa2"), 0x3fd5_5555_5555_5555n);
      assert.equal(guest.get("fa3"), 0x3fd5_5555_5555_5556n);
    });
  });

  it("refuses a reserved rounding mode when it is used", () => {
    withGuest(`csrrwi zero, frm, 5\n fadd.d fa0, fa1, fa2 ${END}`, (guest) => {
      assert.equal(guest.run(), EXIT.ILLEGAL);
      assert.equal(guest.pc, CODE + 4);
    });
  });

  it("keeps LR and SC together", () => {
    const source = `${dataAddress("a1")}
        addi t0, zero, 7
        sc.d a0, t0, (a1)
        lr.d a2, (a1)
        sc.d a3, t0, (a1)
        sc.d a4, t0, (a1)
        lr.w a5, (a1)
        addi a6, a1, 8
        sc.w a6, t0, (a6) ${END}`;
    withGuest(source, (guest) => {
      guest.finish();
      const failed = ["a0", "a2", "a3", "a4", "a5", "a6"].map((register) => guest.get(register));
      assert.deepEqual(failed, [1n, 0n, 0n, 1n, 7n, 1n]);
      assert.equal(guest.word(DATA), 7);
    });
  });
}
