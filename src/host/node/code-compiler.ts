import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { largestFunction } from "../../base/wasm/largest-function.ts";
import type { CodeCompiler } from "../../machine/engine.ts";
import { wasmCompiler } from "../wasm/code-compiler.ts";
import { monotonicNs } from "./clock.ts";

/** Node's WebAssembly behind the {@link CodeCompiler} port. */
export function createCodeCompiler(): CodeCompiler {
  const compiler = wasmCompiler(() => monotonicNs() / 1e6, allowRelaxedSimd);
  const { compile } = compiler;
  // Assigned to: copying would ask for what is not known yet.
  return Object.assign(compiler, {
    compile(bytes, temper = "late") {
      countModule();
      return temper === "own" ? compile(bytes) : asked(flagsFor(bytes, temper), () => compile(bytes));
    },
    prebuilt,
    cpuMs() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
  } satisfies Partial<CodeCompiler>);
}

/** Modules stand beside the bundle, which is built together with them; without a bundle there are none. */
function prebuilt(name: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return readFileSync(new URL(`./${name}.wasm`, import.meta.url));
  } catch {
    return undefined;
  }
}

const isNode20 = process.versions.node.startsWith("20.");

/**
 * Bytes of code that a function runs before V8 11.3 optimises it, on other threads: by default; for translated guest
 * functions, which are large and call for more than they are worth while a program starts; for those that are known to be
 * worth it; and at most.
 */
const TIERING_BUDGET = { own: 1_800_000, late: 100_000_000, eager: 10_000_000, patient: 0x7fff_ffff };

/**
 * V8 charges a function that returns with all of its code, run or not: what is large, such as an interpreter's loop, would be
 * optimised after some thousand calls, for a tenth of a second. From this size on a budget grows with the largest function.
 */
const LARGE_BYTES = 4096;

function budgetOf(bytes: Uint8Array, temper: Exclude<keyof typeof TIERING_BUDGET, "own">): number {
  if (!isNode20) return TIERING_BUDGET[temper];
  const budget = TIERING_BUDGET[temper] * Math.max(1, largestFunction(bytes) / LARGE_BYTES);
  return Math.floor(Math.min(budget, TIERING_BUDGET.patient));
}

/** Bytes of a function that may be copied into its callers. What a guest function becomes has mostly more than V8's own 500. */
const INLINED_BYTES = 1500;

/**
 * What V8 11.3 is to know of a module. Code that is known to be worth it has functions copied into those that call them often, as
 * later versions do by themselves; to find these, calls are counted, which is too much for what is to run for a moment.
 */
function flagsFor(bytes: Uint8Array, temper: Exclude<keyof typeof TIERING_BUDGET, "own">): readonly string[] {
  const budget = `--wasm-tiering-budget=${budgetOf(bytes, temper)}`;
  if (temper !== "eager") return [budget];
  return [budget, "--experimental-wasm-inlining", `--wasm-inlining-max-size=${INLINED_BYTES}`];
}

/** What V8 does without being asked. A function is copied, or not, long after its module was made. */
const OWN_FLAGS = [`--wasm-tiering-budget=${TIERING_BUDGET.own}`, "--no-experimental-wasm-inlining"];

/** V8 notes flags with the module; modules of others in this process keep theirs. Loading node:v8 takes a start 3 ms. */
function asked<T>(flags: readonly string[], compile: () => T): T {
  if (!isNode20) return compile();
  setFlags(flags);
  try {
    return compile();
  } finally {
    setFlags(OWN_FLAGS);
  }
}

function setFlags(flags: readonly string[]): void {
  for (const flag of flags) setFlagsFromString(flag);
}

/**
 * After so many modules garbage is collected. V8 does not count what they cost outside of its heap, memory maps above all, of
 * which Linux gives a process 65,530: where guest runs after guest they would be used up before V8 sees a reason to collect.
 */
const MODULES_UNTIL_COLLECTION = 4096;

let modules = 0;

function countModule(): void {
  if (++modules % MODULES_UNTIL_COLLECTION !== 0) return;
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  setFlagsFromString("--no-expose-gc");
  collect();
}

/** Node 20 has relaxed SIMD behind a flag; later versions have it always and would print an error for the flag. */
function allowRelaxedSimd(): void {
  if (isNode20) setFlagsFromString("--experimental-wasm-relaxed-simd");
}
