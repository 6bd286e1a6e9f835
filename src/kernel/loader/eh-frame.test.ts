import assert from "node:assert/strict";
import { test } from "node:test";
import { frameRanges } from "./eh-frame.ts";

const SECTION = 0x2_0000;

/** A CIE of version 1 with augmentation "zR" and one FDE for each range, as GCC writes them for riscv64. */
function section(ranges: readonly { start: number; size: number }[]): Uint8Array {
  const bytes = new Uint8Array(20 + 20 * ranges.length + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 16, true);
  // version, "zR", code alignment 1, data alignment -8, return address register 1, augmentation of 1 byte: pcrel sdata4
  bytes.set([1, 0x7a, 0x52, 0, 1, 0x78, 1, 1, 0x1b], 8);
  for (const [i, { start, size }] of ranges.entries()) {
    const at = 20 + 20 * i;
    view.setUint32(at, 16, true);
    view.setUint32(at + 4, at + 4, true);
    view.setInt32(at + 8, start - (SECTION + at + 8), true);
    view.setUint32(at + 12, size, true);
  }
  return bytes;
}

test("ranges are read in order, relative to where they stand", () => {
  const ranges = [
    { start: 0x1_0100, size: 24 },
    { start: 0x1_0118, size: 4096 },
    { start: 0x3_0000, size: 2 },
  ];
  assert.deepEqual(frameRanges(section(ranges), SECTION), ranges);
});

test("whatever is cut off or changed is left out, and nothing throws", () => {
  const whole = section([
    { start: 0x1_0100, size: 24 },
    { start: 0x1_0118, size: 8 },
  ]);
  for (let length = 0; length < whole.length; length++) frameRanges(whole.slice(0, length), SECTION);
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const bytes = whole.slice();
    bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7));
    assert.ok(frameRanges(bytes, SECTION).length <= 3);
  }
});
