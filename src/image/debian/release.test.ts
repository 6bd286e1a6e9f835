import assert from "node:assert/strict";
import { test } from "node:test";
import { bad, good } from "../made-archives.test.ts";
import { parseRelease } from "./release.ts";

const HASH = "ab".repeat(32);
const BODY = `Origin: Debian
Suite: stable
Codename: trixie
Acquire-By-Hash: yes
MD5Sum:
 d41d8cd98f00b204e9800998ecf8427e 7 main/binary-riscv64/Packages.xz
SHA256:
 ${HASH}    1234 main/binary-riscv64/Packages.xz
`;

test("parseRelease reads a plain and a clear-signed file alike", () => {
  const signed = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${BODY}\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n`;
  for (const text of [BODY, signed]) {
    const release = good(parseRelease(text));
    assert.deepEqual(
      [release.origin, release.suite, release.codename, release.byHash],
      ["Debian", "stable", "trixie", true],
    );
    assert.deepEqual([...release.files], [["main/binary-riscv64/Packages.xz", { sha256: HASH, size: 1234 }]]);
  }
});

test("parseRelease refuses a page that is no Release file", () => {
  bad(parseRelease("<html><body>Welcome</body></html>"), /no SHA-256/);
});
