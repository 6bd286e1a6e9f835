import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { bad, bytes, good, makeTar, scratch } from "../made-archives.test.ts";
import { openRoot } from "../open-root.ts";

/** One tar of d/a.txt ("hello") and d/l -> a.txt, as `xz -9e` and `zstd -19` pack it. */
const XZ =
  "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4Av/AHddADILvBunjDRE4cIHdekACY2x8R77HKpsCmuNZdS0pRcQ/HT5h3v7u/h3UEwKamPoL8wK6IHqEftihj6tv7meAbXB51KkgU0+EiGY90M8bdLzgpcMxEUrMxlc1Uuyi7hyd1nXVRmxGxMwpSQSJ/MbVBf5EyGK9hoAAADSn41mxr5pvwABkwGAGAAAc92rmrHEZ/sCAAAAAARZWg==";
const ZSTD =
  "KLUv/WQAC4UDAAIFDxGg7bDhmX6oGqEmI51Q4DgjBRls0pzsroEM2FpJPXhVT4yqefGJM5B/t/McdAnO1f3963c1ixLfpew9UBMgUCu3sAP9VbAFBTwp8IfwGDDpsEc1YCqX2YbOB5yWJFSAzWDSCaQWBkiAaYD5tNxfbzFi";

const TAR = makeTar([
  { name: "d/", flag: "5" },
  { name: "d/a.txt", body: "hello\n" },
  { name: "d/l", flag: "2", target: "a.txt" },
]);

const FORMS = {
  tar: TAR,
  gzip: gzipSync(TAR),
  xz: Buffer.from(XZ, "base64"),
  zstd: Buffer.from(ZSTD, "base64"),
};

for (const [form, archive] of Object.entries(FORMS)) {
  test(`openRoot reads a ${form} archive whatever its name`, async (t) => {
    const directory = scratch(t);
    const path = join(directory, "root.bin");
    writeFileSync(path, archive);
    for (const round of ["unpacked", "cached"]) {
      const root = good(await openRoot(path, { cacheDir: join(directory, "cache") }));
      const entry = root.entries.get(bytes("d/a.txt"));
      assert.ok(entry?.type === "file", round);
      assert.equal(Buffer.from(entry.read()).toString(), "hello\n");
      assert.equal(root.entries.get(bytes("d/l"))?.type, "symlink");
      assert.equal(root.command, undefined);
      root.close();
    }
  });

  test(`openRoot refuses a damaged or truncated ${form} archive and keeps nothing of it`, async (t) => {
    const directory = scratch(t);
    const cacheDir = join(directory, "cache");
    const path = join(directory, "root.bin");
    const tryWith = async (content: Uint8Array) => {
      writeFileSync(path, content);
      bad(await openRoot(path, { cacheDir }), /root\.bin/);
      assert.deepEqual(readdirSync(join(cacheDir, "archives")), []);
    };
    for (const part of [0.2, 0.5, 0.8, 0.95]) await tryWith(archive.subarray(0, Math.floor(archive.length * part)));
    // The check sums of tar cover the headers, those of gzip and xz everything; zstd's decoder looks at structure only.
    if (form === "zstd") return;
    const damaged = Buffer.from(archive);
    damaged[form === "tar" ? 3 : Math.floor(damaged.length / 2)]! ^= 0x10;
    await tryWith(damaged);
  });
}

test("openRoot stops a bomb at its limit and keeps nothing of it", async (t) => {
  const directory = scratch(t);
  const path = join(directory, "bomb");
  writeFileSync(path, gzipSync(makeTar([{ name: "zeros", body: Buffer.alloc(20 << 20) }])));
  const limits = { bytes: 1 << 20, entries: 10 };
  bad(await openRoot(path, { cacheDir: join(directory, "cache"), limits }), /more than 1048576 bytes/);
  assert.deepEqual(readdirSync(join(directory, "cache/archives")), []);
});

test("openRoot reports what is not there or not an archive", async (t) => {
  const cacheDir = scratch(t);
  bad(await openRoot(join(cacheDir, "missing"), { cacheDir }), /there is no/);
  const text = join(cacheDir, "text");
  writeFileSync(text, "#!/bin/sh\n");
  bad(await openRoot(text, { cacheDir }), /cannot be read/);
  bad(await openRoot("debian:Upper_Case", { cacheDir }), /does not name a Debian package/);
});

test("openRoot unpacks one archive in two runs at once", async (t) => {
  const directory = scratch(t);
  const path = join(directory, "root.tar");
  writeFileSync(path, TAR);
  const options = { cacheDir: join(directory, "cache") };
  const roots = await Promise.all([openRoot(path, options), openRoot(path, options), openRoot(path, options)]);
  for (const root of roots) assert.equal(good(root).entries.size, 4);
  assert.equal(readdirSync(join(directory, "cache/archives")).length, 1);
});
