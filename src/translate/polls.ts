/**
 * How polls leave a region: through a few places that spill for many of them.
 *
 * Spilling a register that is clean does no harm as long as its local is valid, so polls with different dirty registers
 * share a place if all of these are valid at each of them.
 */
import type { Block } from "./cfg.ts";
import type { Flow } from "./flow.ts";
import type { RegisterSet } from "./register-set.ts";
import type { Residency } from "./residency.ts";
import type { RegisterSets } from "./summary.ts";

export interface Polls {
  /** What each place spills. */
  readonly places: readonly RegisterSet[];
  /** The place through which each node's polls leave, or -1. */
  readonly placeOf: Int32Array;
}

/** What planning needs to know of a region. */
export interface PollingRegion {
  readonly flow: Flow;
  readonly residency: Residency;
  readonly writes: RegisterSets;
  /** The node that polls where the function starts, if it does. */
  readonly guard: number | undefined;
}

interface Place {
  /** Registers spilled. */
  x: number;
  f: number;
  /** Registers that are valid at all of its polls. */
  validX: number;
  validF: number;
}

export function planPolls({ flow, residency, writes, guard }: PollingRegion): Polls {
  const { dirty, behind, dropped } = residency;
  const { nodes } = flow;
  const places: Place[] = [];
  const placeOf = new Int32Array(nodes.length).fill(-1);
  for (let n = 0; n < nodes.length; n++) {
    const { block } = nodes[n]!;
    if (block === undefined || !flow.loops.pollsBehind(block)) continue;
    const clean = isClean(block);
    placeOf[n] = placeFor(places, {
      x: clean ? 0 : (dirty.x[n]! | writes.x[n]!) & ~dropped.x[n]!,
      f: clean ? 0 : (dirty.f[n]! | writes.f[n]!) & ~dropped.f[n]!,
      validX: behind.x[n]!,
      validF: behind.f[n]!,
    });
  }
  if (guard !== undefined) placeOf[guard] = placeFor(places, { x: 0, f: 0, validX: behind.x[guard]!, validF: 0 });
  return { places, placeOf };
}

/** Whether everything was stored where a block ends. */
function isClean({ end }: Block): boolean {
  return end.kind === "ecall" || end.kind === "call" || end.kind === "call register";
}

function placeFor(places: Place[], poll: Place): number {
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    const x = place.x | poll.x;
    const f = place.f | poll.f;
    const validX = place.validX & poll.validX;
    const validF = place.validF & poll.validF;
    if (((x & ~validX) | (f & ~validF)) !== 0) continue;
    places[i] = { x, f, validX, validF };
    return i;
  }
  return places.push(poll) - 1;
}
