/** Code that was translated ahead of time, by the objects that it was made of. */
/** One module of translated code, as it was stored; see `wasm/serialize.ts`. */
export interface AheadModule {
  /** Names it among all modules of the image. */
  readonly key: string;
  /** Where its regions start, ascending. */
  readonly starts: readonly number[];
  /** Whether the recorded start ran it often: it comes with the first code of its object. */
  readonly startup: boolean;
  read(): Uint8Array<ArrayBuffer>;
}

/** The modules of one object at one address. */
export interface AheadObject {
  readonly modules: readonly AheadModule[];
}

/** What an image brought: found by what a `CodeObject` says of itself, and by the target key. */
export interface AheadCode {
  object(contentKey: string, base: number, target: string): AheadObject | undefined;
}

/** The module with a region that starts at an address; `nearest` takes the last region before it. */
export function moduleAt({ modules }: AheadObject, pc: number, nearest = false): AheadModule | undefined {
  let best: AheadModule | undefined;
  let bestStart = -1;
  for (const module of modules) {
    const start = lastUpTo(module.starts, pc);
    if (start === undefined || start <= bestStart) continue;
    bestStart = start;
    best = module;
  }
  return nearest || bestStart === pc ? best : undefined;
}

/** The greatest number of a sorted list that is not above a limit. */
function lastUpTo(sorted: readonly number[], limit: number): number | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return sorted[low - 1];
}
