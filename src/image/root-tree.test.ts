import assert from "node:assert/strict";
import { test } from "node:test";
import { bad, bytes } from "./made-archives.test.ts";
import { lookUp, RootBuilder, type RootEntry } from "./root-tree.ts";

const meta = { mode: 0o644, uid: 0, gid: 0, mtime: { seconds: 0, nanoseconds: 0 } };
const file = (content: string): RootEntry => {
  const body = Buffer.from(content);
  return { type: "file", ...meta, size: body.length, read: () => body };
};
const directory = (mode = 0o755): RootEntry => ({ type: "directory", ...meta, mode });
const symlink = (target: string): RootEntry => ({ type: "symlink", ...meta, target: bytes(target) });

function build(...entries: readonly (readonly [string, RootEntry])[]): RootBuilder {
  const builder = new RootBuilder();
  for (const [path, entry] of entries) assert.equal(builder.add(bytes(path), entry), undefined);
  return builder;
}

test("add makes missing directories, each before what is in it", () => {
  assert.deepEqual([...build(["a/b/c", file("x")]).entries.keys()], ["", "a", "a/b", "a/b/c"]);
});

test("add lays a file below a linked directory where the link leads", () => {
  const builder = build(["usr/lib", directory()], ["lib", symlink("usr/lib")], ["lib/riscv64/ld.so", file("x")]);
  assert.equal(builder.resolve(bytes("lib/riscv64/ld.so"))?.path, "usr/lib/riscv64/ld.so");
  assert.ok(builder.entries.has(bytes("usr/lib/riscv64/ld.so")));
  assert.ok(![...builder.entries.keys()].some((path) => path.startsWith("lib/")));
});

test("add keeps a link to a directory when an archive has the directory", () => {
  const builder = build(["usr/bin", directory()], ["bin", symlink("usr/bin")], ["bin", directory()]);
  assert.equal(builder.entries.get(bytes("bin"))?.type, "symlink");
});

test("add lets later files replace earlier ones, but no file a directory", () => {
  const builder = build(["a", file("old")], ["a", file("new")], ["d/x", file("")]);
  const entry = builder.entries.get(bytes("a"));
  assert.ok(entry?.type === "file");
  assert.equal(Buffer.from(entry.read()).toString(), "new");
  bad(builder.add(bytes("d"), file("")), /is a file in one place and a directory/);
  bad(builder.add(bytes("a"), directory()), /is a directory in one place/);
  bad(builder.add(bytes("a/b"), file("")), /is a directory in one place/);
});

test("add refuses to go through a link that leads nowhere", () => {
  bad(build(["lib", symlink("missing")]).add(bytes("lib/x"), file("")), /a link that leads nowhere/);
});

test("link gives both names one entry, which outlives the first", () => {
  const builder = build(["a", file("1")]);
  assert.equal(builder.link(bytes("d/b"), bytes("a")), undefined);
  assert.equal(builder.entries.get(bytes("a")), builder.entries.get(bytes("d/b")));
  builder.add(bytes("a"), file("2"));
  assert.notEqual(builder.entries.get(bytes("a")), builder.entries.get(bytes("d/b")));
  bad(builder.link(bytes("e"), bytes("missing")), /has not brought before/);
});

test("lookUp clamps at the root as the kernel does, and gives up on a cycle", () => {
  const { entries } = build(
    ["etc/passwd", file("x")],
    ["up", symlink("../../../etc")],
    ["abs", symlink("/etc/passwd")],
    ["l", symlink("m")],
    ["m", symlink("l")],
  );
  assert.equal(lookUp(entries, bytes("/up/../etc/./passwd"))?.path, "etc/passwd");
  assert.equal(lookUp(entries, bytes("up/passwd"))?.path, "etc/passwd");
  assert.equal(lookUp(entries, bytes("abs"))?.path, "etc/passwd");
  assert.equal(lookUp(entries, bytes("abs"), "keep-last")?.path, "abs");
  assert.equal(lookUp(entries, bytes("l")), undefined);
  assert.equal(lookUp(entries, bytes(""))?.path, "");
});
