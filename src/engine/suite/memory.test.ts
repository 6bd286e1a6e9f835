/** Refused accesses are precise; the others go through. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { ACCESS, EXIT } from "../../machine/index.ts";
import { DATA, dataAddress, END, READ_ONLY, type WithGuest } from "../guest.test.ts";

/** An access that must be refused: the register a1 holds the address. */
interface Refused {
  readonly title: string;
  readonly instruction: string;
  readonly address: bigint;
  readonly reason: number;
  /** What the hart reports, if not the address itself. */
  readonly reported?: bigint;
}

const REFUSED: readonly Refused[] = [
  { title: "a load of address 0", instruction: "ld a0, 0(a1)", address: 0n, reason: EXIT.LOAD_FAULT },
  { title: "a load of the hart's page", instruction: "lbu a0, 0(a1)", address: 0x100n, reason: EXIT.LOAD_FAULT },
  { title: "a store to address 0", instruction: "sb a0, 0(a1)", address: 0n, reason: EXIT.STORE_FAULT },
  { title: "a load where nothing is", instruction: "lw a0, 0(a1)", address: 0x7_0000n, reason: EXIT.LOAD_FAULT },
  { title: "a store to a page for reading", instruction: "sd a0, 0(a1)", address: 0x8_2008n, reason: EXIT.STORE_FAULT },
  { title: "a load beyond 4 GB", instruction: "ld a0, 0(a1)", address: 0x1_0008_0000n, reason: EXIT.LOAD_FAULT },
  { title: "a store beyond 4 GB", instruction: "sw a0, 0(a1)", address: 0x1_0008_0000n, reason: EXIT.STORE_FAULT },
  { title: "a load of a kernel's address", instruction: "fld fa0, 0(a1)", address: -8n, reason: EXIT.LOAD_FAULT },
  {
    title: "a store that straddles into a page for reading",
    instruction: "sd a0, 0(a1)",
    address: BigInt(READ_ONLY - 4),
    reason: EXIT.STORE_FAULT,
    reported: BigInt(READ_ONLY),
  },
  {
    title: "a load that straddles into nothing",
    instruction: "lhu a0, 0(a1)",
    address: BigInt(READ_ONLY + 0xfff),
    reason: EXIT.LOAD_FAULT,
    reported: BigInt(READ_ONLY + 0x1000),
  },
  { title: "LR where nothing is", instruction: "lr.d a0, (a1)", address: 0x7_0000n, reason: EXIT.LOAD_FAULT },
  {
    title: "an AMO on a page for reading",
    instruction: "amoadd.w a0, a2, (a1)",
    address: 0x8_2000n,
    reason: EXIT.STORE_FAULT,
  },
  { title: "a misaligned AMO", instruction: "amoadd.d a0, a2, (a1)", address: 0x8_0004n, reason: EXIT.MISALIGNED },
  { title: "a misaligned LR", instruction: "lr.w a0, (a1)", address: 0x8_0002n, reason: EXIT.MISALIGNED },
];

export function testMemory(withGuest: WithGuest): void {
  for (const { title, instruction, address, reason, reported } of REFUSED) {
    it(`refuses ${title}, precisely`, () => {
      const source = `addi a3, zero, 1\n fault: ${instruction}\n addi a3, zero, 2 ${END}`;
      withGuest(source, (guest) => {
        guest.set("a0", 77);
        guest.set("a1", address);
        assert.equal(guest.run(), reason);
        assert.equal(guest.pc, guest.label("fault"));
        assert.equal(guest.faultAddress, BigInt.asUintN(64, reported ?? address));
        assert.equal(guest.get("a0"), 77n);
        assert.equal(guest.get("a3"), 1n);
      });
    });
  }

  it("lets a straddling access through where both pages allow it", () => {
    const source = `${dataAddress("a1", 0x7fd)}
        lui t0, 1
        add a1, a1, t0
        addi a1, a1, -0x7ff
        addi a0, zero, -2
        sd a0, 0(a1)
        ld a2, 0(a1)
        lw a3, 0(a1) ${END}`;
    withGuest(source, (guest) => {
      guest.finish();
      assert.equal(guest.get("a1"), BigInt(DATA + 0xffe));
      assert.equal(guest.get("a2"), -2n);
      assert.equal(guest.get("a3"), -2n);
    });
  });

  it("goes on after a fault was repaired", () => {
    withGuest(`lui a1, 0x70\n ld a0, 8(a1)\n addi a0, a0, 1 ${END}`, (guest) => {
      assert.equal(guest.run(), EXIT.LOAD_FAULT);
      guest.space.memory.setAccess(0x7_0000, 0x7_1000, ACCESS.READ);
      assert.equal(guest.finish().get("a0"), 1n);
    });
  });

  it("faults in the middle of a hot loop, with every register in place", () => {
    const source = `${dataAddress("a1")}
      again:
        addi a0, a0, 1
        fault: lbu t0, 0(a1)
        addi a1, a1, 1
        jal zero, again`;
    withGuest(source, (guest) => {
      assert.equal(guest.run(), EXIT.LOAD_FAULT);
      assert.equal(guest.pc, guest.label("fault"));
      assert.equal(guest.get("a0"), 0x3001n);
      assert.equal(guest.get("a1"), BigInt(READ_ONLY + 0x1000));
      assert.equal(guest.faultAddress, BigInt(READ_ONLY + 0x1000));
    });
  });
}
