/** Finds hot functions of C libraries by their code, and replaces them by wasm's own means. */
import { CodeBuilder } from "../../base/wasm/code.ts";
import type { ModuleBuilder } from "../../base/wasm/module.ts";
import { Steps } from "../step.ts";
import type { CodeView, Target, TranslateOptions } from "../target.ts";
import { fingerprint } from "./fingerprint.ts";
import { KNOWN, type KnownFunction } from "./known.ts";
import { compare, compareStrings, copy, fill, find, type Intrinsic, length } from "./strings.ts";

/** What {@link KNOWN} names. `pointers` are the arguments that point, `bytes` is the one that counts. */
const INTRINSICS = {
  copy: { emit: copy, pointers: [0, 1], bytes: 2 },
  fill: { emit: fill, pointers: [0], bytes: 2 },
  compare: { emit: compare, pointers: [0, 1], bytes: 2 },
  find: { emit: find, pointers: [0], bytes: 2 },
  length: { emit: length, pointers: [0], bytes: undefined },
  "compare strings": { emit: compareStrings, pointers: [0, 1], bytes: undefined },
} as const satisfies Record<
  string,
  { readonly emit: Intrinsic; readonly pointers: readonly number[]; readonly bytes: number | undefined }
>;

export type IntrinsicName = keyof typeof INTRINSICS;

const SIZES = new Set(KNOWN.map((known) => known.bytes));

/**
 * The library function whose code starts at `start`, if it is one that can be replaced: not under `paged`, whose faults are
 * to be precise, nor where instructions are counted.
 *
 * @param sizes - bytes that the function may have.
 */
export function recognise(
  code: CodeView,
  start: number,
  sizes: readonly number[],
  options: TranslateOptions,
): KnownFunction | undefined {
  if (options.policy === "paged" || options.poll === "fuel" || options.count) return undefined;
  for (const size of sizes) {
    if (!SIZES.has(size)) continue;
    const print = fingerprint(new Steps(code), start, size);
    const found = KNOWN.find((known) => known.bytes === size && known.fingerprint === print);
    if (found !== undefined) return found;
  }
  return undefined;
}

const A0 = 10;
const RA = 1;

/** A region that does an intrinsic's work: arguments come from the register file, the result goes there. */
export function buildIntrinsic(
  module: ModuleBuilder,
  name: IntrinsicName,
  target: Target,
  options: TranslateOptions,
): CodeBuilder {
  const { emit, pointers, bytes } = INTRINSICS[name];
  const body = new CodeBuilder(["i32", "i32", "i32"]);
  for (const pointer of pointers) {
    if (options.policy === "flat") break;
    body.get(pointer).i32(target.kernelEnd).op("i32_lt_u");
    if (bytes !== undefined) body.get(bytes).i32(0).op("i32_ne", "i32_and");
    body.if("void", () => body.op("unreachable"));
  }
  emit(body, 0, 1, 2);
  const work = module.define(module.type(["i32", "i32", "i32"], ["i64"]), name);
  module.body(work, body);
  const sp = 0;
  const code = new CodeBuilder(["i64", "i32"]);
  const register = (r: number) => target.hart.x + 8 * r;
  code.i32(0);
  for (const r of [A0, A0 + 1, A0 + 2]) code.i32(0).memRelocatable("i32_load", register(r));
  code.call(work).memRelocatable("i64_store", register(A0));
  return code.get(sp).i32(0).memRelocatable("i64_load", register(RA)).i64(-2).op("i64_and");
}
