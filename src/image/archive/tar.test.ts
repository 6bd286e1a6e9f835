import assert from "node:assert/strict";
import { test } from "node:test";
import { MemorySink } from "../cache/store.ts";
import { bad, good, type Member, makeTar } from "../made-archives.test.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { unpackTar } from "./tar.ts";

async function* pieces(bytes: Uint8Array, size = 700): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function unpack(tar: Uint8Array, sink = new MemorySink(), limits = DEFAULT_LIMITS) {
  return unpackTar("test.tar", pieces(tar), sink, limits);
}

const refuse = async (member: Member, message: RegExp) => bad(await unpack(makeTar([member])), message);

test("unpackTar reads every kind of member", async () => {
  const sink = new MemorySink();
  const records = good(
    await unpack(
      makeTar([
        { name: "./", flag: "5", mode: 0o700 },
        { name: "./bin/su", mode: 0o4755, uid: 7, body: "first" },
        { name: "bin//x", body: "second" },
        { name: "hard", flag: "1", target: "./bin/su" },
        { name: "soft", flag: "2", target: "../../etc" },
        { name: "dev/sda", flag: "4", major: 8, minor: 1 },
        { name: "dev/null", flag: "3", major: 1, minor: 3 },
        { name: "pipe", flag: "6" },
      ]),
      sink,
    ),
  );
  const brief = records.map(({ uid, gid, mtime, ...rest }) => rest);
  assert.deepEqual(brief, [
    { path: "", type: "directory", mode: 0o700 },
    { path: "bin/su", type: "file", mode: 0o4755, offset: 0, size: 5 },
    { path: "bin/x", type: "file", mode: 0o644, offset: 5, size: 6 },
    { path: "hard", type: "link", mode: 0o644, target: "bin/su" },
    { path: "soft", type: "symlink", mode: 0o644, target: "../../etc" },
    { path: "dev/sda", type: "block", mode: 0o644, major: 8, minor: 1 },
    { path: "dev/null", type: "char", mode: 0o644, major: 1, minor: 3 },
    { path: "pipe", type: "fifo", mode: 0o644 },
  ]);
  assert.equal(records[1]?.uid, 7);
  assert.equal(Buffer.from(sink.range(5, 6)).toString(), "second");
});

test("unpackTar keeps names that are not UTF-8, and takes pax names as UTF-8", async () => {
  const records = good(
    await unpack(makeTar([{ name: "\xff\x80" }, { name: "short", pax: { path: "lang/日本", mtime: "-1.25" } }])),
  );
  assert.equal(records[0]?.path, "\xff\x80");
  assert.equal(Buffer.from(records[1]!.path, "latin1").toString("utf8"), "lang/日本");
  assert.deepEqual(records[1]?.mtime, { seconds: -2, nanoseconds: 750_000_000 });
});

test("unpackTar refuses names that lead outside", async () => {
  await refuse({ name: "../etc/passwd" }, /test\.tar: the name "\.\.\/etc\/passwd" leads out/);
  await refuse({ name: "a/../../b" }, /leads out/);
  await refuse({ name: "/etc/passwd" }, /is absolute/);
  await refuse({ name: "x", pax: { path: "/etc/passwd" } }, /is absolute/);
  await refuse({ name: "x", flag: "1", target: "../outside" }, /leads out/);
  await refuse({ name: "x", flag: "1", target: "/etc/passwd" }, /is absolute/);
  await refuse({ name: "", flag: "0" }, /no name/);
  await refuse({ name: "x", flag: "2" }, /no target/);
  await refuse({ name: "x", pax: { path: "n".repeat(256) } }, /too long/);
});

test("unpackTar refuses what it would have to guess", async () => {
  await refuse({ name: "x", flag: "S" }, /sparse/);
  await refuse({ name: "x", pax: { "GNU.sparse.major": "1" } }, /sparse/);
  await refuse({ name: "x", flag: "V" }, /not known/);
});

test("unpackTar shows no control characters of a hostile name", async () => {
  const error = await refuse({ name: "/\x1b[2J" }, /absolute/);
  assert.ok(!error.message.includes("\x1b"));
});

test("unpackTar stops at its limits", async () => {
  const tar = makeTar([{ name: "a", body: Buffer.alloc(5000) }, { name: "b" }]);
  bad(await unpack(tar, new MemorySink(), { bytes: 4096, entries: 9 }), /more than 4096 bytes/);
  bad(await unpack(tar, new MemorySink(), { bytes: 1e6, entries: 1 }), /more than 1 files/);
});

test("unpackTar refuses an archive cut at any block", async () => {
  const tar = makeTar([
    { name: "a", body: "x".repeat(900) },
    { name: "b", body: "y" },
  ]);
  for (let end = 0; end < tar.length; end += 512) {
    bad(await unpack(tar.subarray(0, end)), /cannot be read/);
  }
  bad(await unpack(tar.subarray(0, 100)), /cannot be read/);
});

test("unpackTar refuses damaged headers", async () => {
  for (const at of [0, 124, 148, 300]) {
    const tar = makeTar([{ name: "a", body: "x" }]);
    tar[at]! ^= 0x40;
    bad(await unpack(tar), /cannot be read/);
  }
  bad(await unpack(Buffer.from("not a tar archive at all".repeat(100))), /cannot be read/);
});
