/**
 * How polls leave a region: through a few places that spill for many of them.
 *
 * Spilling a register that is clean does no harm as long as its local is valid, so polls with different dirty registers
 * share a place if all of these are valid at each of them.
 */
import type { Flow, FlowNode } from "./flow.ts";
import type { RegisterSet } from "./register-set.ts";
import { type RegisterSets, registerSets } from "./summary.ts";

export interface Polls {
  /** What each place spills. */
  readonly places: readonly RegisterSet[];
  /** The place through which each node's polls leave, or -1. */
  readonly placeOf: Int32Array;
}

/** What planning needs to know of a region. */
export interface PollingRegion {
  readonly flow: Flow;
  readonly dirtyIn: RegisterSets;
  readonly writes: RegisterSets;
  /** What each node loads from the register file. */
  readonly loaded: RegisterSets;
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

const A0 = 1 << 10;

export function planPolls(region: PollingRegion): Polls {
  const { flow, dirtyIn, writes, loaded, guard } = region;
  const { nodes } = flow;
  const places: Place[] = [];
  const placeOf = new Int32Array(nodes.length).fill(-1);
  let valid: RegisterSets | undefined;
  for (let n = 0; n < nodes.length; n++) {
    const { block } = nodes[n]!;
    if (block === undefined || !flow.loops.pollsBehind(block)) continue;
    valid ??= validBefore(region);
    const clean = block.end.kind === "ecall";
    const wX = writes.x[n]!;
    const wF = writes.f[n]!;
    placeOf[n] = placeFor(places, {
      x: clean ? 0 : dirtyIn.x[n]! | wX,
      f: clean ? 0 : dirtyIn.f[n]! | wF,
      // A system call's result is loaded where it is needed, which is behind.
      validX: (valid.x[n]! | wX) & (clean ? ~A0 : -1),
      validF: valid.f[n]! | wF,
    });
  }
  if (guard !== undefined) {
    placeOf[guard] = placeFor(places, { x: 0, f: 0, validX: loaded.x[guard]!, validF: loaded.f[guard]! });
  }
  return { places, placeOf };
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

/** Registers whose locals are valid at the beginning of each node, whatever way led there: loaded or written. */
function validBefore({ flow, writes, loaded }: PollingRegion): RegisterSets {
  const { nodes, successors } = flow;
  const { x, f } = registerSets(nodes.length, -1);
  x[0] = f[0] = 0;
  for (let again = true; again; ) {
    again = false;
    for (let n = 0; n < nodes.length; n++) {
      const before = loads(nodes[n]!) ? 0 : -1;
      let outX = (before & x[n]!) | loaded.x[n]! | writes.x[n]!;
      const outF = (before & f[n]!) | loaded.f[n]! | writes.f[n]!;
      if (nodes[n]!.block?.end.kind === "ecall") outX &= ~A0;
      const targets = successors[n]!;
      for (let i = 0; i < targets.length; i++) {
        const to = targets[i]!;
        if (to <= n && ((x[to]! & ~outX) | (f[to]! & ~outF)) !== 0) again = true;
        x[to]! &= outX;
        f[to]! &= outF;
      }
    }
  }
  return { x, f };
}

function loads({ kind, role }: FlowNode): boolean {
  return kind === "resume" || (kind === "entry" && role !== "resume");
}
