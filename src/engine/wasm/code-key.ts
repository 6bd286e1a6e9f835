/** The names under which translations are kept: whatever one depends on is in its key. */
import { type CodeObject, LAYOUT, type SpaceOptions } from "../../machine/index.ts";
import { TRANSLATOR_VERSION } from "../../translate/target.ts";

/** What the machine and its options add to a key. */
export interface KeyOptions extends SpaceOptions {
  /** Whether multiply-add is one instruction of the host. */
  readonly fma: boolean;
}

/** Names the translation that begins at `start`; `blocks` bounds it, if it is but a piece of a function. */
export function codeKey(
  object: Pick<CodeObject, "contentKey" | "start">,
  options: KeyOptions,
  start: number,
  blocks?: number,
): string {
  return JSON.stringify([object.contentKey, object.start, start, blocks ?? "all", targetKey(options)]);
}

/** Names the nth module of an object that was made of what was hot together. */
export type BatchKey = (n: number) => string;

export function batchKey(object: Pick<CodeObject, "contentKey" | "start">, options: KeyOptions): BatchKey {
  return (n) => codeKey(object, options, n, 0);
}

/** The part of every key that is not the program's: translator, machine and options. */
export function targetKey({ policy, poll, fflags, count, fma }: KeyOptions): string {
  return JSON.stringify([TRANSLATOR_VERSION, { policy, poll, fflags, count, fma }, LAYOUT]);
}

/** The options that a target key names. */
export function targetOptions(target: string): KeyOptions {
  return (JSON.parse(target) as [number, KeyOptions, unknown])[1];
}

/** The parts of a key. */
export interface ParsedKey {
  readonly contentKey: string;
  /** Where the object was loaded. */
  readonly base: number;
  readonly place: CodePlace;
  readonly target: string;
}

/** What of an object a key names: a function or a piece of one, or the nth module of what was hot together. */
export type CodePlace =
  | { readonly kind: "function" | "piece"; readonly start: number }
  | { readonly kind: "batch"; readonly number: number };

/** Takes a key of {@link codeKey} or {@link batchKey} apart. */
export function parseCodeKey(key: string): ParsedKey {
  const [contentKey, base, start, blocks, target] = JSON.parse(key) as [string, number, number, number | "all", string];
  return { contentKey, base, place: placeOf(start, blocks), target };
}

function placeOf(start: number, blocks: number | "all"): CodePlace {
  if (blocks === 0) return { kind: "batch", number: start };
  return { kind: blocks === "all" ? "function" : "piece", start };
}
