/**
 * What the translator emits for the assembly in test/golden, as text.
 *
 * `npm run bless` writes the expectations anew; read their difference before you commit it. A comment such as
 * `# policy=paged` sets an option. What a label that begins with `cold` marks was never reached.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import loadWabt from "wabt";
import { EXIT, HART, KERNEL_END, LAYOUT } from "../machine/index.ts";
import {
  type CodeView,
  type FunctionMap,
  type Target,
  type TranslateOptions,
  translate,
  WHOLE_FUNCTION,
} from "./index.ts";

const FOLDER = fileURLToPath(new URL("../../test/golden/", import.meta.url));
const START = 0x2_0000;
const BLESS = process.env.DRUPE_BLESS === "1";

const TARGET: Target = {
  hart: HART,
  exit: { ...EXIT, FENCE: 0x43 },
  pageTable: LAYOUT.pageTable,
  kernelEnd: KERNEL_END,
  codeMap: 0x1000,
  codeMapEntries: 4096,
  maxPages: 0x1_0000,
};

const DEFAULTS: TranslateOptions = { policy: "null", poll: "flag", fflags: false, count: false, fma: "soft" };

/** Assembles and links a file at {@link START}. */
function assemble(source: string): { readonly bytes: Buffer; readonly labels: ReadonlyMap<string, number> } {
  const folder = mkdtempSync(join(tmpdir(), "drupe-golden-"));
  try {
    const elf = join(folder, "a.elf");
    const raw = join(folder, "a.bin");
    const tool = (name: string, ...args: string[]) => execFileSync(`riscv64-linux-gnu-${name}`, args).toString();
    const flags = ["-nostdlib", "-static", "-march=rv64gc", "-Wl,--no-relax,-ef", `-Wl,-Ttext=0x${START.toString(16)}`];
    tool("gcc", ...flags, "-o", elf, source);
    tool("objcopy", "-O", "binary", "-j", ".text", elf, raw);
    const labels = new Map<string, number>();
    for (const line of tool("nm", elf).split("\n")) {
      const [address, kind, name] = line.split(" ");
      if (kind === "t" && name !== undefined) labels.set(name, Number.parseInt(address!, 16));
    }
    return { bytes: readFileSync(raw), labels };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function optionsOf(source: string): TranslateOptions {
  const set = [...source.matchAll(/^# (\w+)=(\w+)$/gm)].map(([, name, value]) => [name, value]);
  return { ...DEFAULTS, ...Object.fromEntries(set) };
}

async function textOf(file: string): Promise<string> {
  const { bytes, labels } = assemble(join(FOLDER, file));
  const end = START + bytes.length;
  const code: CodeView = {
    half: (at) => (at >= START && at + 2 <= end ? bytes.readUInt16LE(at - START) : undefined),
    word: (at) => (at >= START && at + 4 <= end ? bytes.readInt32LE(at - START) : undefined),
  };
  const isFunction = (name: string) => !name.startsWith("cold") && !name.startsWith("to_");
  const names = new Map([...labels].filter(([name]) => isFunction(name)).map(([name, at]) => [at, name]));
  const cold = new Set([...labels].filter(([name]) => name.startsWith("cold")).map(([, at]) => at));
  const seen = new Map([...labels].map(([name, at]) => [at, labels.get(name.replace(/^to_/, ""))]));
  const functions: FunctionMap = {
    endOf: (at) => (names.has(at) ? Math.min(end, ...[...names.keys()].filter((other) => other > at)) : undefined),
    nameOf: (at) => names.get(at) ?? "?",
  };
  const translation = translate({
    target: TARGET,
    options: optionsOf(readFileSync(join(FOLDER, file), "utf8")),
    code,
    functions,
    starts: [START],
    include: () => true,
    boundsOf: () => ({ ...WHOLE_FUNCTION, isCold: (pc) => cold.has(pc) }),
    limit: 8,
    seen: (pc) => seen.get(pc),
  });
  assert.ok(translation !== undefined);
  const { readWasm } = await loadWabt();
  const module = readWasm(translation.wasm, { readDebugNames: true, ...FEATURES });
  module.applyNames();
  const text = module.toText({ foldExprs: false, inlineExport: false });
  module.destroy();
  const entries = translation.regions.map(
    (r) => `;; ${r.name}: ${r.entries.map((pc) => `0x${pc.toString(16)}`).join(" ")}`,
  );
  return `${entries.join("\n")}\n${text}`;
}

const FEATURES = { threads: true, simd: true, tail_call: true, reference_types: true, relaxed_simd: true };

describe("translator goldens", () => {
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".s"))) {
    it(file, async () => {
      const expected = join(FOLDER, file.replace(/s$/, "wat"));
      const actual = await textOf(file);
      if (BLESS) writeFileSync(expected, actual);
      assert.equal(actual, readFileSync(expected, "utf8"));
    });
  }
});
