import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { buildFusedMultiplyAdd } from "../../base/wasm/fused-multiply-add.ts";
import { createCodeCompiler } from "./code-compiler.ts";
import { keepingCompiler } from "./kept-code.ts";

const isKnown = process.versions.v8.startsWith("11.3.");

/** Compiles a module in a folder, as another process would, and computes 2 * 3 + 4 by it. */
function compute(folder: string, bytes: Uint8Array<ArrayBuffer>): number {
  const compiler = keepingCompiler(createCodeCompiler(), { look: [folder], write: folder });
  assert.equal(typeof compiler.fusedMultiplyAdd, "boolean");
  const exports = compiler.instantiate(compiler.compile(bytes, "patient", "madd"), {});
  return (exports.madd as unknown as (a: number, b: number, c: number) => number)(2, 3, 4);
}

function inFolder(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "drupe-kept-"));
  try {
    use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a module's code is kept once, and taken from there on", { skip: !isKnown && "another V8" }, () =>
  inFolder((folder) => {
    const bytes = buildFusedMultiplyAdd();
    assert.equal(compute(folder, bytes), 10);
    const [file, ...others] = readdirSync(folder);
    assert.deepEqual(others, []);
    const kept = readFileSync(join(folder, file!));
    assert.equal(compute(folder, bytes), 10);
    assert.deepEqual(readFileSync(join(folder, file!)), kept);
  }),
);

test("code of another module, or of none, is not taken", { skip: !isKnown && "another V8" }, () =>
  inFolder((folder) => {
    const bytes = buildFusedMultiplyAdd();
    compute(folder, bytes);
    const file = join(folder, readdirSync(folder)[0]!);
    const kept = readFileSync(file);
    const other = Buffer.from(kept);
    other[4 + bytes.length - 1]! ^= 1;
    for (const content of [other, kept.subarray(0, 20), Buffer.alloc(0)]) {
      writeFileSync(file, content);
      assert.equal(compute(folder, bytes), 10);
      assert.deepEqual(readFileSync(file).subarray(0, 4 + bytes.length), kept.subarray(0, 4 + bytes.length));
    }
  }),
);

test("a folder that cannot be written costs nothing but the code", () => {
  assert.equal(compute("/dev/null/code", buildFusedMultiplyAdd()), 10);
});
