import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createTranslationStore } from "./translation-cache.ts";

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), "drupe-cache-"));
  t.after(() => rmSync(made, { recursive: true }));
  return made;
}

const value = new Uint8Array([1, 2, 3, 4]);

test("a value comes back under its key alone", (t) => {
  const store = createTranslationStore(folder(t));
  store.put("key", value);
  assert.deepEqual(store.get("key"), value);
  assert.equal(store.get("other"), undefined);
});

for (const [what, damage] of [
  ["cut short", (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1)],
  ["with a flipped bit", (bytes: Uint8Array) => bytes.map((b, i) => (i === bytes.length - 2 ? b ^ 1 : b))],
  ["empty", () => new Uint8Array(0)],
] as const) {
  test(`a file ${what} is ignored`, (t) => {
    const place = folder(t);
    const store = createTranslationStore(place);
    store.put("key", value);
    const [file] = readdirSync(place);
    writeFileSync(join(place, file!), damage(readFileSync(join(place, file!))));
    assert.equal(store.get("key"), undefined);
  });
}

test("a folder that cannot be written costs the cache alone", () => {
  const store = createTranslationStore("/dev/null/nowhere");
  store.put("key", value);
  assert.equal(store.get("key"), undefined);
});
