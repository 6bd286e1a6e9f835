/** Which registers are live and which are dirty: in a wasm local, newer than the register file in memory. */
import { type Block, successors } from "./cfg.ts";
import { type Flow, type FlowNode, isBackward } from "./flow.ts";
import { equal, integer, NONE, type RegisterSet, union, without } from "./register-set.ts";
import type { Step } from "./step.ts";
import type { TranslateOptions } from "./target.ts";

/** What holds at the borders of each node. */
export interface Liveness {
  /** Registers whose locals are read before they are written. */
  readonly liveIn: readonly RegisterSet[];
  /** Registers whose locals may be newer than the register file. */
  readonly dirtyIn: readonly RegisterSet[];
  /** Registers that each node writes. */
  readonly writes: readonly RegisterSet[];
}

const A0 = integer(10);

/**
 * Solves both dataflow problems: what may be dirty goes forward; what is read, or spilled where it may be dirty, is live
 * backward.
 */
export function analyse(flow: Flow, options: TranslateOptions): Liveness {
  const { nodes, successors: succs } = flow;
  const predecessors: number[][] = nodes.map(() => []);
  for (const [node, targets] of succs.entries()) for (const to of targets) predecessors[to]!.push(node);
  const effects = nodes.map((node) => (node.kind === "block" ? effectOf(node.block.steps) : NO_EFFECT));
  const dirtyIn = nodes.map(() => NONE);
  const dirtyOut = nodes.map(() => NONE);
  const forward = nodes.map((_, n) => n);
  iterate(forward, (n) => {
    dirtyIn[n] = predecessors[n]!.reduce((set, p) => union(set, dirtyOut[p]!), NONE);
    const out = dirtyAfter(nodes[n]!, union(dirtyIn[n]!, effects[n]!.writes));
    const changed = !equal(out, dirtyOut[n]!);
    dirtyOut[n] = out;
    return changed ? succs[n]! : [];
  });
  const liveIn = nodes.map(() => NONE);
  iterate(forward.reverse(), (n) => {
    const out = succs[n]!.reduce((set, s) => union(set, liveIn[s]!), NONE);
    const live = liveBefore(flow, nodes[n]!, out, dirtyIn[n]!, effects[n]!, options);
    const changed = !equal(live, liveIn[n]!);
    liveIn[n] = live;
    return changed ? predecessors[n]! : [];
  });
  return { liveIn, dirtyIn, writes: effects.map((effect) => effect.writes) };
}

/** What a block's steps do taken together. */
interface Effect {
  /** Registers that are read before they are written. */
  readonly reads: RegisterSet;
  readonly writes: RegisterSet;
}

const NO_EFFECT: Effect = { reads: NONE, writes: NONE };

function effectOf(steps: readonly Step[]): Effect {
  let reads = NONE;
  let writes = NONE;
  for (const step of steps) {
    reads = union(reads, without(step.reads, writes));
    writes = union(writes, step.writes);
  }
  return { reads, writes };
}

/** Runs `visit` on every node, and again on those that it answers, until none is left. */
function iterate(order: readonly number[], visit: (node: number) => readonly number[]): void {
  const queue = [...order];
  const queued = new Uint8Array(order.length).fill(1);
  for (const node of queue) {
    queued[node] = 0;
    for (const next of visit(node)) {
      if (queued[next] === 1) continue;
      queued[next] = 1;
      queue.push(next);
    }
  }
}

/** The register that a call sets on its way. */
export function linkOf({ end }: Block): RegisterSet {
  return end.kind === "call" || end.kind === "call register" ? integer(end.step.rd) : NONE;
}

/** Whether an instruction may leave in the middle of its block, precisely. */
export function mayExit({ op }: Step, options: TranslateOptions): boolean {
  if (op.kind === "load" || op.kind === "store") return options.policy === "paged";
  return op.kind === "amo" || op.kind === "csr";
}

/** Whether the way from a block to an address spills: by leaving the region, or by the poll of a loop. */
export function edgeSpills(flow: Flow, block: Block, to: number): boolean {
  return !flow.blockNode.has(to) || isBackward(block, to);
}

function dirtyAfter(node: FlowNode, dirty: RegisterSet): RegisterSet {
  if (node.kind === "entry" || node.kind === "resume") return NONE;
  if (node.kind !== "block") return dirty;
  const { kind } = node.block.end;
  // Elsewhere everything was spilled.
  return kind === "jump" || kind === "branch" || kind === "jump register" ? dirty : NONE;
}

function liveBefore(
  flow: Flow,
  node: FlowNode,
  liveOut: RegisterSet,
  dirtyIn: RegisterSet,
  { reads, writes }: Effect,
  options: TranslateOptions,
): RegisterSet {
  switch (node.kind) {
    case "root":
    case "entry":
    case "resume":
      // An entry loads what is live behind it.
      return NONE;
    case "hub":
    case "leave":
      // The hub polls, and an unknown target leaves.
      return union(liveOut, dirtyIn);
    case "arm":
      return liveOut;
    default: {
      const { block } = node;
      const atEnd = liveBeforeEnd(flow, block, liveOut, union(dirtyIn, writes));
      const live = union(reads, without(atEnd, writes));
      // What is dirty where a step leaves is spilled; if it was written in this block, that is not live before.
      return block.steps.some((step) => mayExit(step, options)) ? union(live, dirtyIn) : live;
    }
  }
}

function liveBeforeEnd(flow: Flow, block: Block, liveOut: RegisterSet, dirty: RegisterSet): RegisterSet {
  const { end } = block;
  switch (end.kind) {
    case "jump":
    case "branch": {
      const spills = successors(end).some((to) => edgeSpills(flow, block, to));
      const live = spills ? union(liveOut, dirty) : liveOut;
      return end.kind === "branch" ? union(live, end.step.reads) : live;
    }
    case "call":
    case "call register":
      return union(without(dirty, linkOf(block)), end.step.reads);
    case "ecall":
      return union(without(liveOut, A0), dirty);
    case "jump register":
    case "return":
      return union(union(liveOut, dirty), end.step.reads);
    default:
      return union(liveOut, dirty);
  }
}
