import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scratch } from "../made-archives.test.ts";
import { aptMirrors } from "./apt-sources.ts";

test("aptMirrors finds the Debian archive among other sources", (t) => {
  const etc = scratch(t);
  mkdirSync(join(etc, "sources.list.d"));
  writeFileSync(
    join(etc, "sources.list"),
    [
      "# deb http://commented.example/debian trixie main",
      "deb-src http://source.example/debian trixie main",
      "deb cdrom:[disc]/ trixie main",
      "deb http://security.example/debian-security trixie-security main",
      "deb [arch=amd64 signed-by=/k.gpg] https://one.example/debian/ trixie main contrib # mine",
      "deb https://one.example/debian trixie-updates main",
      "deb https://vendor.example/linux/debian trixie stable",
    ].join("\n"),
  );
  writeFileSync(
    join(etc, "sources.list.d/debian.sources"),
    [
      "Types: deb deb-src",
      "URIs: http://two.example/debian",
      " http://three.example/pub/debian/",
      "Suites: trixie trixie-updates",
      "Components: main",
      "",
      "Types: deb",
      "Enabled: no",
      "URIs: http://off.example/debian",
      "Suites: trixie",
      "Components: main",
    ].join("\n"),
  );
  writeFileSync(join(etc, "sources.list.d/vendor.list"), "deb https://tools.example/repo nodistro main\n");
  assert.deepEqual(aptMirrors(etc), [
    "https://one.example/debian",
    "http://two.example/debian",
    "http://three.example/pub/debian",
  ]);
  assert.deepEqual(aptMirrors(join(etc, "none")), []);
});
