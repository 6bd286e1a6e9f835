import assert from "node:assert/strict";
import { test } from "node:test";
import { type ByteString, byteString, bytesOf, utf8Decode, utf8Encode } from "./bytes.ts";

test("byteString and bytesOf keep every byte", () => {
  const all = Uint8Array.from({ length: 10_000 }, (_, i) => i & 0xff);
  assert.deepEqual(bytesOf(byteString(all)), all);
});

test("utf8Encode agrees with the platform's encoder", () => {
  for (const text of ["", "plain", "é", "\u07ff\u0800", "日本", "a😀b", "\ud800x", "\uffff", "\u{10ffff}"]) {
    assert.equal(utf8Encode(text), Buffer.from(text, "utf8").toString("latin1"));
  }
});

test("utf8Decode agrees with the platform's decoder on every two-byte and many four-byte sequences", () => {
  const reference = new TextDecoder("utf-8", { ignoreBOM: true });
  const check = (...bytes: number[]) => {
    const given = String.fromCharCode(...bytes) as ByteString;
    assert.equal(utf8Decode(given), reference.decode(Uint8Array.from(bytes)), bytes.join(" "));
  };
  for (let a = 0; a < 256; a++) for (let b = 0; b < 256; b += 3) check(a, b);
  const edges = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0xf5, 0xff];
  for (const a of edges) for (const b of edges) for (const c of edges) for (const d of edges) check(a, b, c, d);
});
