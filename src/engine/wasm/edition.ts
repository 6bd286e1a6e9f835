/**
 * A new edition of an object's code: all functions that were translated so far, made again as one module.
 *
 * By then it is known which of their blocks run. What was left out at first, and became pieces of its own, is part of its
 * function again; and one function calls another directly.
 */
import { IntervalMap } from "../../base/interval-map.ts";
import {
  type Bounds,
  type CodeView,
  type FunctionMap,
  MAX_BLOCKS,
  type SeenTarget,
  type Target,
  type TranslateOptions,
  type Translation,
  translate,
} from "../../translate/index.ts";

export interface EditionRequest {
  /** What the edition is to replace. */
  readonly old: readonly Translation[];
  readonly target: Target;
  readonly options: TranslateOptions;
  readonly code: CodeView;
  readonly objects: FunctionMap & { readonly startOf: (pc: number) => number };
  /** Whether an instruction was interpreted. */
  readonly hasRun: (pc: number) => boolean;
  readonly seen: SeenTarget;
}

/** Regions of an edition's module at most. */
const MAX_REGIONS = 2000;

/** Modules of an edition at most; each is as large as modules may be. */
const MAX_MODULES = 4;

/**
 * The modules of an edition: functions first, then what had no room among them, such as pieces of functions that are too
 * large to be one region.
 */
export function makeEdition(request: EditionRequest): Translation[] {
  const { old, objects, hasRun } = request;
  const before = rangesOf(old);
  const isCold = (pc: number) => before.at(pc) === undefined && !hasRun(pc);
  const starts = old.flatMap(({ regions }) => regions.map(({ start }) => start));
  let missing = [...new Set([...starts.map((pc) => objects.startOf(pc)), ...starts])];
  const made: Translation[] = [];
  while (missing.length > 0 && made.length < MAX_MODULES) {
    const covered = rangesOf(made);
    const isTaken = (pc: number) => covered.at(pc) !== undefined;
    const translation = make(request, missing, { isTaken, isCold, maxBlocks: MAX_BLOCKS });
    if (translation === undefined) break;
    made.push(translation);
    const all = rangesOf(made);
    missing = missing.filter((pc) => all.at(pc) === undefined);
  }
  return made;
}

function make(request: EditionRequest, starts: readonly number[], bounds: Bounds): Translation | undefined {
  const { target, options, code, objects, seen } = request;
  return translate({
    target,
    options,
    code,
    functions: objects,
    starts,
    skipsCovered: true,
    include: () => false,
    boundsOf: () => bounds,
    limit: MAX_REGIONS,
    seen,
  });
}

/** The code that translations were made of. */
function rangesOf(translations: readonly Translation[]): IntervalMap<true> {
  const map = new IntervalMap<true>();
  for (const { ranges } of translations) for (const { start, end } of ranges) map.set(start, end, true);
  return map;
}
