import assert from "node:assert/strict";
import { test } from "node:test";
import { compareVersions } from "./version.ts";

test("compareVersions orders as deb-version(7) says", () => {
  // Each line ascends.
  const ladders = [
    "1.0~~ 1.0~~a 1.0~ 1.0 1.0-1 1.0a 1.0+b1 1.0.1 1.1",
    "0.9 0.10 0.11-1~bpo12+1 0.11-1 0.11-1+b1 0.11-1.1 0.11-2",
    "2.41-12+deb13u1 2.41-12+deb13u2 1:1.0 2:0",
    "1-1 1-2 1-1-1",
    "20240101120000123456788 20240101120000123456789",
  ];
  for (const ladder of ladders) {
    const versions = ladder.split(" ");
    for (const [i, a] of versions.entries()) {
      for (const [j, b] of versions.entries()) {
        assert.equal(Math.sign(compareVersions(a, b)), Math.sign(i - j), `${a} against ${b}`);
      }
    }
  }
});

test("compareVersions takes an absent revision, epoch or number for zero", () => {
  for (const [a, b] of ["1.0 1.0-0", "1.0 0:1.0", "1.00 1.0", "a a0"].map((pair) => pair.split(" "))) {
    assert.equal(compareVersions(a!, b!), 0, `${a} against ${b}`);
  }
});
