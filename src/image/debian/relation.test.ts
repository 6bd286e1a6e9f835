import assert from "node:assert/strict";
import { test } from "node:test";
import { admits, parseRelations, providedMeets, relationText } from "./relation.ts";

const one = (text: string) => parseRelations(text)![0]![0]!;

test("parseRelations splits groups and alternatives and drops architecture qualifiers", () => {
  const groups = parseRelations("libc6 (>= 2.38), python3:any | python3-minimal:native(<<4), g++ (= 4:14.2.0-1),");
  assert.deepEqual(
    groups?.map((group) => group.map(relationText)),
    [["libc6 (>= 2.38)"], ["python3", "python3-minimal (<< 4)"], ["g++ (= 4:14.2.0-1)"]],
  );
  assert.deepEqual(parseRelations(""), []);
});

test("parseRelations refuses what is ill-formed", () => {
  for (const text of ["Upper", "a (> 1)", "a | | b", "a (>= 1", "a; rm"])
    assert.equal(parseRelations(text), undefined, text);
});

test("admits compares by each operator", () => {
  const holds = ["<< 2", "<= 2", "<= 1", "= 1", ">= 1", ">= 0", ">> 0"];
  const fails = ["<< 1", "<= 0", "= 2", ">= 2", ">> 1"];
  for (const constraint of holds) assert.ok(admits(one(`a (${constraint})`), "1"), constraint);
  for (const constraint of fails) assert.ok(!admits(one(`a (${constraint})`), "1"), constraint);
  assert.ok(admits(one("a"), "1"));
});

test("a provider without a version meets only a relation without one", () => {
  assert.ok(providedMeets(one("v"), one("v")));
  assert.ok(!providedMeets(one("v (>= 1)"), one("v")));
  assert.ok(providedMeets(one("v (>= 1)"), one("v (= 2)")));
  assert.ok(!providedMeets(one("v (>= 3)"), one("v (= 2)")));
  assert.ok(!providedMeets(one("w"), one("v")));
});
