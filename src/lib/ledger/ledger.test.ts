import assert from "node:assert/strict";
import { test } from "node:test";
import { SYSCALL_NUMBERS } from "../../abi/riscv64/syscalls.ts";
import { resolveLibraries } from "../../kernel/library.ts";
import { full } from "../../preset/full.ts";
import { futureSyscalls, outOfScope } from "./future-syscalls.ts";
import { supportLedger } from "./ledger.ts";

test("every system call is provided, planned or out of scope, and only one of these", () => {
  const places = new Map(Object.keys(SYSCALL_NUMBERS).map((name) => [name, [] as string[]]));
  for (const library of resolveLibraries(full)) {
    for (const { name } of library.syscalls) places.get(name)?.push(library.name);
  }
  for (const name of futureSyscalls.keys()) places.get(name)?.push("planned");
  for (const name of outOfScope) places.get(name)?.push("out of scope");
  const wrong = [...places].filter(([, where]) => where.length !== 1);
  assert.deepEqual(wrong, []);
});

test("the ledger has a row for each, by number", () => {
  const rows = supportLedger(resolveLibraries(full));
  assert.equal(rows.length, Object.keys(SYSCALL_NUMBERS).length);
  assert.ok(rows.every((row, i) => i === 0 || row.number > rows[i - 1]!.number));
  const setns = rows.find(({ name }) => name === "setns");
  assert.deepEqual(setns, { number: 268, name: "setns", library: "posix-process", support: "missing" });
});
