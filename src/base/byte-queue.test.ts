import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteQueue } from "./byte-queue.ts";

/** Bytes that tell where in the stream they are. */
const stream = (from: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => ((from + i) * 7) >>> 3);

test("bytes come out as they went in, whatever the portions", () => {
  const queue = new ByteQueue();
  let written = 0;
  let read = 0;
  for (let round = 1; round < 400; round++) {
    const more = stream(written, (round * 977) % 30_000);
    queue.push(more);
    written += more.length;
    const into = new Uint8Array((round * 1231) % 31_000);
    const seen = queue.peek(into);
    assert.deepEqual(into.subarray(0, seen), stream(read, seen));
    assert.equal(queue.shift(into), seen);
    assert.deepEqual(into.subarray(0, seen), stream(read, seen));
    read += seen;
    assert.equal(queue.length, written - read);
  }
  queue.drop(queue.length - 1);
  const last = new Uint8Array(4);
  assert.equal(queue.shift(last), 1);
  assert.deepEqual(last.subarray(0, 1), stream(written - 1, 1));
});

test("an empty queue begins anew", () => {
  const queue = new ByteQueue();
  queue.push(stream(0, 10));
  queue.drop(99);
  assert.equal(queue.length, 0);
  queue.push(stream(5, 3));
  const into = new Uint8Array(8);
  assert.equal(queue.shift(into), 3);
  assert.deepEqual(into.subarray(0, 3), stream(5, 3));
});
