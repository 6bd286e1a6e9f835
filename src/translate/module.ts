/** Translates a batch of regions into one WebAssembly module. */
import type { CodeBuilder } from "../base/wasm/code.ts";
import { ModuleBuilder } from "../base/wasm/module.ts";
import { buildNearSoft } from "../isa/index.ts";
import { type Bounds, type Cfg, discover, type SeenTarget, type Terminator } from "./cfg.ts";
import type { ModuleContext } from "./context.ts";
import { buildCheckAccess, buildGoOn, buildLeave, helper } from "./helpers.ts";
import { buildIntrinsic, recognise } from "./intrinsics/index.ts";
import { buildRegion } from "./region.ts";
import type { CodeView, FunctionMap, Target, TranslateOptions } from "./target.ts";

export interface TranslateRequest {
  readonly target: Target;
  readonly options: TranslateOptions;
  readonly code: CodeView;
  readonly functions: FunctionMap;
  /** Where regions start; the functions that they call directly or indirectly come with them. */
  readonly starts: readonly number[];
  /** Whether a start is left out that an earlier region has among its blocks. */
  readonly skipsCovered?: boolean;
  /** Whether a callee may come along: not if it is translated already, or belongs to another object. */
  readonly include: (pc: number) => boolean;
  /** Regions at most. */
  readonly limit: number;
  /** Where the region at `pc` ends. */
  readonly boundsOf: (pc: number) => Bounds;
  readonly seen: SeenTarget;
}

export interface TranslatedRegion {
  readonly start: number;
  readonly name: string;
  /** Addresses that it can be entered at, by entry number; the first is `start`. */
  readonly entries: readonly number[];
}

/** A module and what its instantiation needs; plain data. */
export interface Translation {
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** In the order in which they are put into the table from the imported slot on. */
  readonly regions: readonly TranslatedRegion[];
  /** Start addresses of the regions elsewhere that are called, by index in the table of links. */
  readonly links: readonly number[];
  /** Guest addresses whose bytes the module was made of. */
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
  readonly guestBytes: number;
}

/** Guest bytes after which a batch takes no more regions. */
const MAX_BATCH_BYTES = 128 * 1024;

/**
 * Translates the regions at `starts` and those that they reach by calls. A pure function of what the request answers.
 *
 * Imports of the module, all in "env": `memory`, `table` (regions of the space), `links` (at least as many entries as
 * {@link Translation.links}), `slot` (i32: where in `table` the regions go), `syscall`, `soft`.
 *
 * @returns undefined if the code at none of the addresses can be translated.
 */
export function translate(request: TranslateRequest): Translation | undefined {
  const cfgs = collect(request);
  if (cfgs.length === 0) return undefined;
  const { module, context, links } = prepare(request, cfgs);
  const regions = cfgs.map((cfg) => {
    const end = request.functions.endOf(cfg.start);
    const sizes = end === undefined ? sizesOf(cfg) : [end - cfg.start];
    const known = recognise(request.code, cfg.start, sizes, request.options);
    if (known !== undefined) {
      const { options, target } = request;
      module.body(context.regionAt(cfg.start)!, buildIntrinsic(module, known.name, target, options));
      return { start: cfg.start, name: request.functions.nameOf(cfg.start), entries: [cfg.start] };
    }
    const { code, entries } = buildRegion(cfg, context);
    module.body(context.regionAt(cfg.start)!, code);
    return { start: cfg.start, name: request.functions.nameOf(cfg.start), entries };
  });
  module.elementAt(
    0,
    cfgs.map((cfg) => context.regionAt(cfg.start)!),
  );
  module.importTable("env", "table", 1);
  module.importTable("env", "links", links.length);
  const ranges = cfgs.flatMap(rangesOf);
  return {
    wasm: module.encode().bytes,
    regions,
    links,
    ranges,
    guestBytes: ranges.reduce((sum, { start, end }) => sum + end - start, 0),
  };
}

/** Discovers the regions of the batch, callers before callees. */
function collect(request: TranslateRequest): Cfg[] {
  const { code, functions, starts, include, limit, seen, boundsOf, options } = request;
  const cfgs: Cfg[] = [];
  const wanted = new Set(starts);
  const covered = new Set<number>();
  let bytes = 0;
  for (const pc of wanted) {
    if (covered.has(pc)) continue;
    if (cfgs.length >= limit || bytes > MAX_BATCH_BYTES) break;
    const cfg = discover(code, functions, pc, seen, boundsOf(pc), options);
    if (cfg === undefined) continue;
    cfgs.push(cfg);
    for (const { pc: from, limit: to, end } of cfg.blocks.values()) {
      bytes += to - from;
      if (request.skipsCovered) covered.add(from);
      const callee = calleeOf(end);
      if (callee !== undefined && include(callee)) wanted.add(callee);
    }
  }
  return cfgs;
}

/** Where a block goes by a call, or a jump as good as one, as far as that is known. */
function calleeOf(end: Terminator): number | undefined {
  if (end.kind === "call") return end.target;
  return end.kind === "call register" || end.kind === "jump register" ? end.seen : undefined;
}

function prepare({ target, options, functions }: TranslateRequest, cfgs: readonly Cfg[]) {
  const module = new ModuleBuilder();
  module.importMemory("env", "memory", 1, target.maxPages);
  module.importGlobal("env", "slot", "i32");
  const regionType = module.type(["i64", "i32"], ["i64", "i64"]);
  const syscall = module.importFunction("env", "syscall", module.type([], ["i32"]));
  const softType = module.type(["i32"], []);
  const farSoft = module.importFunction("env", "soft", softType);
  /** Every module defines the same imports, so that what a helper calls has the same index in each. */
  const defineHelper = (name: string, type: number, build: () => CodeBuilder) => {
    const index = module.define(type, name);
    module.body(index, helper(target, name, build));
    return index;
  };
  let nearSoft: number | undefined;
  const defineSoft = () => {
    nearSoft = defineHelper(`soft ${options.fma}`, softType, () => buildNearSoft(target.hart, options.fma, farSoft));
    return nearSoft;
  };
  const leave = defineHelper("leave", module.type(["i64", "i32"], ["i64", "i64"]), () => buildLeave(target));
  const { poll } = options;
  const goOn = defineHelper(`go on ${poll}`, regionType, () => buildGoOn(target, poll, regionType));
  let checkAccess: number | undefined;
  if (options.policy === "paged") {
    const type = module.type(["i64", "i32", "i32"], ["i32"]);
    checkAccess = defineHelper("check access", type, () => buildCheckAccess(target));
  }
  const indices = new Map<number, number>();
  for (const { start } of cfgs) indices.set(start, module.define(regionType, functionName(functions, start)));
  const links: number[] = [];
  const linkIndex = new Map<number, number>();
  const context: ModuleContext = {
    target,
    options,
    regionType,
    get resultType() {
      return module.type([], ["i64", "i64"]);
    },
    functions: {
      syscall,
      leave,
      goOn,
      checkAccess,
      // Only modules with floating point bring it along.
      get soft() {
        return nearSoft ?? defineSoft();
      },
    },
    regionAt: (pc) => indices.get(pc),
    startsFunction: (pc) => functions.endOf(pc) !== undefined,
    linkTo(pc) {
      const known = linkIndex.get(pc) ?? links.push(pc) - 1;
      linkIndex.set(pc, known);
      return known;
    },
  };
  return { module, context, links };
}

/** Sizes that a function may have of which only the start is known: it ends where one of its blocks does. */
function sizesOf({ start, blocks }: Cfg): number[] {
  return Array.from(blocks.values(), ({ limit }) => limit - start);
}

function functionName(functions: FunctionMap, pc: number): string {
  return `${functions.nameOf(pc)}@0x${pc.toString(16)}`;
}

/** Address ranges of a region's blocks, those that touch joined. */
function rangesOf(cfg: Cfg): { start: number; end: number }[] {
  const all = [...cfg.blocks.values()].map(({ pc, limit }) => ({ start: pc, end: limit }));
  all.sort((a, b) => a.start - b.start);
  const joined: { start: number; end: number }[] = [];
  for (const range of all) {
    const last = joined.at(-1);
    if (last !== undefined && range.start <= last.end) last.end = Math.max(last.end, range.end);
    else joined.push({ ...range });
  }
  return joined;
}
