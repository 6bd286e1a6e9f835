import assert from "node:assert/strict";
import { test } from "node:test";
import { type ByteString, bytesOf } from "./bytes.ts";
import { crc32 } from "./crc32.ts";

const bytes = (text: string): Uint8Array => bytesOf(text as ByteString);

test("the check value of the catalogue of CRCs", () => {
  assert.equal(crc32(bytes("123456789")), 0xcbf4_3926);
  assert.equal(crc32(bytes("")), 0);
});

test("a checksum goes on where the one before ended, however the bytes are cut", () => {
  const text = bytes("The quick brown fox jumps over the lazy dog");
  for (let cut = 0; cut <= text.length; cut++) {
    assert.equal(crc32(text.subarray(cut), crc32(text.subarray(0, cut))), 0x414f_a339);
  }
});
