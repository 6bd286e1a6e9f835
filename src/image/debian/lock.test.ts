import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bad, good, scratch } from "../made-archives.test.ts";
import { type LockedPackage, readLock, writeLock } from "./lock.ts";

const platform = { suite: "trixie", architecture: "riscv64" };
const locked = (name: string): LockedPackage => ({
  name,
  version: "1:2-3",
  filename: `pool/main/${name}.deb`,
  sha256: "0123456789abcdef".repeat(4),
  size: 42,
});

test("writeLock keeps what other programs had, in one order", (t) => {
  const path = join(scratch(t), "drupe.lock");
  assert.equal(readLock(path), undefined);
  writeLock(path, undefined, platform, "zstd", [locked("zstd")]);
  const first = good(readLock(path));
  writeLock(path, first, platform, "jq", [locked("libc6"), locked("jq")]);
  const second = good(readLock(path));
  assert.deepEqual(Object.keys(second!.programs), ["jq", "zstd"]);
  assert.deepEqual(second!.programs.jq, [locked("libc6"), locked("jq")]);
  assert.ok(!readFileSync(path, "utf8").includes("http"));
});

test("readLock refuses what it does not know or cannot trust", (t) => {
  const path = join(scratch(t), "drupe.lock");
  const refuse = (text: string, message: RegExp) => {
    writeFileSync(path, text);
    bad(readLock(path), message);
  };
  refuse("{", /is not JSON/);
  refuse("[]", /is damaged/);
  refuse('{"format":2}', /newer format/);
  const lock = (sha256: string) =>
    JSON.stringify({ format: 1, ...platform, programs: { jq: [{ ...locked("jq"), sha256 }] } });
  refuse(lock(`../../${"0".repeat(58)}`), /is damaged/);
});
