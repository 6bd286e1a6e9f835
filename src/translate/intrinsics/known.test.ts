/** Debian's C library as the cross compiler brings it: its string functions must be recognised, or they are merely translated. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { CodeView, TranslateOptions } from "../target.ts";
import { recognise } from "./index.ts";

const OPTIONS: TranslateOptions = { policy: "null", poll: "flag", fflags: false, count: false, fma: "soft" };

const EXPECTED = {
  memcpy: "copy",
  memset: "fill",
  memcmp: "compare",
  memchr: "find",
  strlen: "length",
  strcmp: "compare strings",
} as const;

const tool = (name: string, ...args: string[]): string =>
  execFileSync(`riscv64-linux-gnu-${name}`, args, { maxBuffer: 1 << 26 }).toString();

/** The bytes of the library's code, by their address. */
function codeOf(library: string): CodeView {
  const folder = mkdtempSync(join(tmpdir(), "drupe-libc-"));
  try {
    const raw = join(folder, "text");
    tool("objcopy", "-O", "binary", "-j", ".text", library, raw);
    const bytes = readFileSync(raw);
    const [, start] = /^ +\d+ \.text +\w+ +(\w+)/m.exec(tool("objdump", "-h", "-j", ".text", library))!;
    const low = Number.parseInt(start!, 16);
    return {
      half: (at) => (at >= low && at + 2 <= low + bytes.length ? bytes.readUInt16LE(at - low) : undefined),
      word: () => undefined,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("the string functions of a real C library are known", () => {
  const library = tool("gcc", "-print-file-name=libc.so.6").trim();
  const code = codeOf(library);
  const symbols = tool("nm", "-D", "-S", "--defined-only", library);
  for (const [name, intrinsic] of Object.entries(EXPECTED)) {
    const [, address, size] = new RegExp(`^(\\w+) (\\w+) . ${name}@@`, "m").exec(symbols)!;
    const known = recognise(code, Number.parseInt(address!, 16), [Number.parseInt(size!, 16)], OPTIONS);
    assert.equal(known?.name, intrinsic, name);
  }
});
