import assert from "node:assert/strict";
import { chmodSync, linkSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bytes, good, scratch } from "./made-archives.test.ts";
import { openRoot } from "./open-root.ts";

test("openRoot lists a directory without following its links", async (t) => {
  const outside = scratch(t);
  writeFileSync(join(outside, "secret"), "s");
  const root = scratch(t);
  mkdirSync(join(root, "bin"));
  writeFileSync(join(root, "bin/prog"), "text");
  chmodSync(join(root, "bin/prog"), 0o755);
  utimesSync(join(root, "bin/prog"), 100, 100.5);
  linkSync(join(root, "bin/prog"), join(root, "same"));
  symlinkSync(outside, join(root, "out"));
  writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff])]), "");

  const { entries } = good(await openRoot(root, { cacheDir: root }));
  assert.deepEqual([...entries.keys()], ["", "bin", "bin/prog", "out", "same", "\xff"]);
  const prog = entries.get(bytes("bin/prog"));
  assert.ok(prog?.type === "file");
  assert.equal(prog.mode, 0o755);
  assert.deepEqual(prog.mtime, { seconds: 100, nanoseconds: 500_000_000 });
  assert.equal(Buffer.from(prog.read()).toString(), "text");
  assert.equal(entries.get(bytes("same")), prog);
  assert.equal(entries.get(bytes("out"))?.type, "symlink");
});

test("a body is not read through a link that took the file's place", async (t) => {
  const root = scratch(t);
  writeFileSync(join(root, "file"), "mine");
  const entry = good(await openRoot(root, { cacheDir: root })).entries.get(bytes("file"));
  rmSync(join(root, "file"));
  symlinkSync("/etc/hostname", join(root, "file"));
  assert.ok(entry?.type === "file");
  assert.throws(() => entry.read(), { code: "ELOOP" });
});

test("a directory given by a link is the directory", async (t) => {
  const place = scratch(t);
  mkdirSync(join(place, "real"));
  writeFileSync(join(place, "real/x"), "");
  symlinkSync("real", join(place, "link"));
  const root = good(await openRoot(join(place, "link"), { cacheDir: place }));
  assert.deepEqual([...root.entries.keys()], ["", "x"]);
});
