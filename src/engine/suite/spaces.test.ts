/** Several spaces of one engine. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { type Engine, TRAP } from "../../machine/index.ts";
import { CODE, DATA, dataAddress, END, Guest, OPTIONS, type WithGuest } from "../guest.test.ts";

export function testSpaces(engine: Engine, withGuest: WithGuest): void {
  it("keeps spaces apart", () => {
    const one = new Guest(engine, `addi a0, zero, 1 ${END}`);
    const two = new Guest(engine, `addi a0, zero, 2 ${END}`);
    assert.equal(one.finish().get("a0"), 1n);
    assert.equal(two.finish().get("a0"), 2n);
    assert.equal(one.get("a0"), 1n);
    one.space.release();
    two.space.release();
  });

  it("gives a released memory back empty", () => {
    withGuest(`${dataAddress("a1")}\n sd a1, 8(a1) ${END}`, (guest) => void guest.finish());
    const seen = new Set<unknown>();
    const spaces = Array.from({ length: 3 }, () => engine.createSpace({ syscall: () => TRAP.LEAVE }, OPTIONS));
    for (const { memory } of spaces) {
      seen.add(memory);
      for (const address of [CODE, DATA + 8]) {
        assert.equal(memory.accessAt(address), 0);
        if (address < memory.size) assert.equal(memory.view.getUint32(address, true), 0);
      }
    }
    assert.equal(seen.size, 3);
    for (const space of spaces) space.release();
  });

  it("counts instructions", () => {
    const before = engine.stats();
    withGuest(`addi a0, zero, 1 ${END}`, (guest) => {
      guest.finish();
      const { interpreted, translated } = engine.stats();
      assert.equal(interpreted + translated - before.interpreted - before.translated, 3);
    });
  });
}
