/**
 * How polls leave a region: through a few places that spill for many of them.
 *
 * Spilling a register that is clean does no harm as long as its local is valid, so polls with different dirty registers
 * share a place if all of these are valid at each of them.
 */
import { type Block, successors } from "./cfg.ts";
import { type Flow, type FlowNode, isBackward } from "./flow.ts";
import { NONE, type RegisterSet, union } from "./register-set.ts";

export interface Polls {
  /** What each place spills. */
  readonly places: readonly RegisterSet[];
  /** The place through which each node's polls leave, or -1. */
  readonly placeOf: Int32Array;
}

interface Place {
  spilled: RegisterSet;
  /** Registers that are valid at all of its polls. */
  valid: RegisterSet;
}

const A0 = 1 << 10;

/** What planning needs to know of a region. */
export interface PollingRegion {
  readonly flow: Flow;
  readonly dirtyIn: readonly RegisterSet[];
  readonly writes: readonly RegisterSet[];
  /** What a node loads from the register file. */
  readonly loaded: (node: number) => RegisterSet;
  /** The node that polls where the function starts, if it does. */
  readonly guard: number | undefined;
}

export function planPolls(region: PollingRegion): Polls {
  const { flow, dirtyIn, writes, guard } = region;
  const { nodes } = flow;
  const places: Place[] = [];
  const placeOf = new Int32Array(nodes.length).fill(-1);
  let valid: readonly RegisterSet[] | undefined;
  for (const [n, node] of nodes.entries()) {
    if (node.kind !== "block") continue;
    const { block } = node;
    if (!successors(block.end).some((to) => pollsOnTheWay(flow, block, to))) continue;
    valid ??= validAfter(region);
    const dirty = block.end.kind === "ecall" ? NONE : union(dirtyIn[n]!, writes[n]!);
    placeOf[n] = placeFor(places, dirty, valid[n]!);
  }
  if (guard !== undefined) placeOf[guard] = placeFor(places, NONE, region.loaded(guard));
  return { places: places.map((place) => place.spilled), placeOf };
}

/** Whether going from a block to an address polls first. */
export function pollsOnTheWay(flow: Flow, block: Block, to: number): boolean {
  const { kind } = block.end;
  return (kind === "jump" || kind === "branch" || kind === "ecall") && isBackward(block, to) && flow.blockNode.has(to);
}

function placeFor(places: Place[], dirty: RegisterSet, valid: RegisterSet): number {
  for (const [i, place] of places.entries()) {
    const spilled = union(place.spilled, dirty);
    const x = place.valid.x & valid.x;
    const f = place.valid.f & valid.f;
    if ((spilled.x & ~x) | (spilled.f & ~f)) continue;
    place.spilled = spilled;
    place.valid = { x, f };
    return i;
  }
  return places.push({ spilled: dirty, valid }) - 1;
}

/** Registers whose locals are valid behind each node, whatever way led there: loaded or written. */
function validAfter({ flow, writes, loaded }: PollingRegion): readonly RegisterSet[] {
  const { nodes, successors: targets } = flow;
  const x = new Int32Array(nodes.length).fill(-1);
  const f = new Int32Array(nodes.length).fill(-1);
  const after = nodes.map(() => ({ x: -1, f: -1 }));
  x[0] = 0;
  f[0] = 0;
  const queue = nodes.map((_, n) => n);
  for (const n of queue) {
    const out = validBehind(nodes[n]!, { x: x[n]!, f: f[n]! }, writes[n]!, loaded(n));
    after[n] = out;
    for (const to of targets[n]!) {
      const metX = x[to]! & out.x;
      const metF = f[to]! & out.f;
      if (metX === x[to] && metF === f[to]) continue;
      x[to] = metX;
      f[to] = metF;
      queue.push(to);
    }
  }
  return after;
}

function validBehind(node: FlowNode, before: RegisterSet, writes: RegisterSet, loaded: RegisterSet): RegisterSet {
  switch (node.kind) {
    case "entry":
      return node.role === "resume" ? before : loaded;
    case "resume":
      return loaded;
    case "block": {
      const after = union(before, writes);
      // The system call's result is loaded where it is needed, which is behind.
      return node.block.end.kind === "ecall" ? { x: after.x & ~A0, f: after.f } : after;
    }
    default:
      return before;
  }
}
