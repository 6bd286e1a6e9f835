import assert from "node:assert/strict";
import { test } from "node:test";
import { ENOSPC } from "../../abi/errno.ts";
import { type ByteString, byteString, bytesOf } from "../../base/bytes.ts";
import { FileBody } from "./file-body.ts";

const PAGE = 4096;
const bytes = (text: string): Uint8Array => bytesOf(text as ByteString);

class Budget {
  left: number;
  constructor(pages: number) {
    this.left = pages;
  }
  take(pages: number): boolean {
    if (pages > this.left) return false;
    this.left -= pages;
    return true;
  }
  give(pages: number): void {
    this.left += pages;
  }
}

function shown(body: FileBody, position: number, length: number): string {
  const into = new Uint8Array(length);
  return byteString(into.subarray(0, body.read(into, position)));
}

test("what was never written reads zero and takes no space", () => {
  const body = new FileBody(new Budget(4));
  assert.equal(body.write(bytes("end"), 2 ** 40), 3);
  assert.equal(body.size, 2 ** 40 + 3);
  assert.equal(body.blocks, 8);
  assert.equal(shown(body, 2 ** 40 - 2, 9), "\0\0end");
  assert.equal(body.nextHole(0), 0);
});

test("data and holes are told apart by the page", () => {
  const body = new FileBody(new Budget(9));
  body.write(bytes("a"), 0);
  body.write(bytes("b"), 5 * PAGE);
  assert.equal(body.nextHole(0), PAGE);
  assert.equal(body.nextData(1), 1);
  assert.equal(body.nextData(PAGE), 5 * PAGE);
  assert.equal(body.nextHole(5 * PAGE), 5 * PAGE + 1);
});

test("a full file system takes what fits, then refuses", () => {
  const budget = new Budget(2);
  const body = new FileBody(budget);
  assert.equal(body.write(new Uint8Array(3 * PAGE), 0), 2 * PAGE);
  assert.equal(body.write(bytes("x"), 2 * PAGE), ENOSPC);
  assert.equal(body.write(bytes("x"), 7), 1);
  body.truncate(PAGE);
  assert.equal(budget.left, 1);
  body.release();
  assert.equal(budget.left, 2);
});

test("cutting off forgets: what a longer file shows there is zero", () => {
  const body = new FileBody(new Budget(9));
  body.write(bytes("abcdef"), 0);
  body.truncate(2);
  body.truncate(6);
  assert.equal(shown(body, 0, 9), "ab\0\0\0\0");
  body.punch(0, 1);
  assert.equal(shown(body, 0, 2), "\0b");
});

test("bytes that came with the root are read once and copied when somebody writes", () => {
  let reads = 0;
  const source = bytes("original");
  const read = () => {
    reads++;
    return source;
  };
  const body = new FileBody(new Budget(9), { size: 8, read });
  assert.equal(reads, 0);
  assert.equal(shown(body, 4, 9), "inal");
  body.write(bytes("O"), 0);
  assert.equal(shown(body, 0, 9), "Original");
  assert.equal(byteString(source), "original");
  assert.equal(reads, 1);
});
