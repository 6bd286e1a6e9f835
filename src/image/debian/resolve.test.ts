import assert from "node:assert/strict";
import { test } from "node:test";
import { bad, good } from "../made-archives.test.ts";
import { PackageIndex, slimIndex } from "./package-index.ts";
import { resolveClosure } from "./resolve.ts";

/** Makes an index of "name version; Field: value; …" lines. */
function index(...packages: readonly string[]): PackageIndex {
  const paragraphs = packages.map((line) => {
    const [head, ...fields] = line.split("; ");
    const [name, version] = head!.split(" ");
    return [
      `Package: ${name}`,
      `Version: ${version}`,
      "Description: made up\n with a second line",
      ...fields,
      `Filename: pool/${name}.deb`,
      "Size: 1",
      `SHA256: ${"0".repeat(64)}`,
    ].join("\n");
  });
  return new PackageIndex(slimIndex(`${paragraphs.join("\n\n")}\n`));
}

const names = (archive: PackageIndex, ...wanted: string[]) =>
  good(resolveClosure(archive, wanted)).map((record) => record.name);

test("resolveClosure puts a package after those it needs, in a cycle too", () => {
  const archive = index(
    "prog 1; Depends: liba (>= 1), libb; Pre-Depends: libc",
    "liba 1; Depends: libb",
    "libb 1; Depends: liba",
    "libc 1",
    "unrelated 1",
  );
  assert.deepEqual(names(archive, "prog"), ["libc", "libb", "liba", "prog"]);
});

test("resolveClosure takes several packages, each once", () => {
  const archive = index("base-files 1", "one 1; Depends: lib", "two 1; Depends: lib", "lib 1");
  assert.deepEqual(names(archive, "two", "one", "lib", "base-files"), ["base-files", "lib", "two", "one"]);
});

test("resolveClosure begins with base-files and does not follow it", () => {
  const archive = index("base-files 1; Pre-Depends: awk", "prog 1; Depends: base-files", "mawk 1; Provides: awk");
  assert.deepEqual(names(archive, "prog"), ["base-files", "prog"]);
  assert.deepEqual(names(archive, "base-files"), ["base-files"]);
});

test("resolveClosure takes the first alternative that can be had, unless one is taken", () => {
  const archive = index(
    "first 1; Depends: gone | old (>> 9) | a | b",
    "old 9",
    "a 1",
    "b 1",
    "second 1; Depends: b, a | b",
    "third 1; Depends: broken | b",
    "broken 1; Depends: a, missing",
  );
  assert.deepEqual(names(archive, "first"), ["a", "first"]);
  assert.deepEqual(names(archive, "second"), ["b", "second"]);
  assert.deepEqual(names(archive, "third"), ["b", "third"]);
});

test("resolveClosure finds providers of virtual packages by priority and version", () => {
  const archive = index(
    "prog 1; Depends: awk",
    "gawk 1; Priority: optional; Provides: awk",
    "mawk 1; Priority: required; Provides: awk",
    "versioned 1; Depends: abi (= 3)",
    "abi-old 1; Provides: abi (= 2)",
    "abi-new 1; Provides: abi (= 3)",
    "unversioned 1; Depends: awk (>= 1)",
  );
  assert.deepEqual(names(archive, "prog"), ["mawk", "prog"]);
  assert.deepEqual(names(archive, "versioned"), ["abi-new", "versioned"]);
  bad(resolveClosure(archive, ["unversioned"]), /unversioned needs awk \(>= 1\), which the mirror does not have/);
});

test("resolveClosure says which dependency is missing", () => {
  const archive = index("prog 1; Depends: lib", "lib 1; Depends: deep (>= 2)", "deep 1");
  bad(resolveClosure(archive, ["prog"]), /prog needs lib, but lib needs deep \(>= 2\), which the mirror does not have/);
});

test("resolveClosure helps with an unknown name", () => {
  const archive = index("python3 1", "lua5.4 1", "mawk 1; Provides: awk");
  assert.match(bad(resolveClosure(archive, ["pyhton3"]), /no package pyhton3/).cure, /python3/);
  assert.match(bad(resolveClosure(archive, ["lua"]), /no package lua/).cure, /lua5\.4/);
  assert.match(bad(resolveClosure(archive, ["awk"]), /virtual/).cure, /mawk/);
});

test("PackageIndex takes the highest of several versions and none without a proper hash", () => {
  const archive = index("a 1.9", "a 1.10", "a 1.2");
  assert.equal(archive.get("a")?.version, "1.10");
  const text = `Package: evil\nVersion: 1\nFilename: x\nSize: 1\nSHA256: ../../${"0".repeat(58)}\n`;
  assert.equal(new PackageIndex(text).get("evil"), undefined);
});
