import assert from "node:assert/strict";
import { test } from "node:test";
import { packetCost, STREAM_PART, streamCost } from "./message-cost.ts";

/** What SIOCOUTQ answers on Linux 6.18 (x86-64) after one write of so many bytes. */
const MEASURED = [
  { length: 1, stream: 768, packet: 768 },
  { length: 192, stream: 768, packet: 768 },
  { length: 193, stream: 1280, packet: 1280 },
  { length: 1729, stream: 4352, packet: 4352 },
  { length: 3776, stream: 4352, packet: 4352 },
  { length: 3777, stream: 4864, packet: 8448 },
  { length: 5000, stream: 6400, packet: 8448 },
  { length: 7873, stream: 8960, packet: 16640 },
  { length: 16065, stream: 17152, packet: 20736 },
  { length: 65536, stream: 67072, packet: 69888 },
  { length: 200000, stream: 204288, packet: 200960 },
];

function wholeStream(length: number): number {
  return length > STREAM_PART ? streamCost(STREAM_PART) + wholeStream(length - STREAM_PART) : streamCost(length);
}

test("messages cost what Linux keeps them in", () => {
  for (const { length, stream, packet } of MEASURED) {
    assert.deepEqual([length, wholeStream(length), packetCost(length)], [length, stream, packet]);
  }
});
