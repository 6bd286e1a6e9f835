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
  const dirtyIn = nodes.map(() => NONE);
  const dirtyOut = nodes.map(() => NONE);
  iterate(nodes.length, (n) => {
    dirtyIn[n] = predecessors[n]!.reduce((set, p) => union(set, dirtyOut[p]!), NONE);
    const out = dirtyAfter(nodes[n]!, dirtyIn[n]!);
    const changed = !equal(out, dirtyOut[n]!);
    dirtyOut[n] = out;
    return changed ? succs[n]! : [];
  });
  const liveIn = nodes.map(() => NONE);
  iterate(nodes.length, (n) => {
    const out = succs[n]!.reduce((set, s) => union(set, liveIn[s]!), NONE);
    const live = liveBefore(flow, nodes[n]!, out, dirtyIn[n]!, options);
    const changed = !equal(live, liveIn[n]!);
    liveIn[n] = live;
    return changed ? predecessors[n]! : [];
  });
  return { liveIn, dirtyIn };
}

/** Runs `visit` on every node, and again on those that it answers, until none is left. */
function iterate(count: number, visit: (node: number) => readonly number[]): void {
  const queue = Array.from({ length: count }, (_, n) => n);
  const queued = new Uint8Array(count).fill(1);
  for (let i = 0; i < queue.length; i++) {
    const node = queue[i]!;
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

/** Dirty registers before each step, and at the end of the steps. */
export function dirtyAlong(steps: readonly Step[], dirtyIn: RegisterSet): RegisterSet[] {
  let dirty = dirtyIn;
  return [dirty, ...steps.map((step) => (dirty = union(dirty, step.writes)))];
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

function dirtyAfter(node: FlowNode, dirtyIn: RegisterSet): RegisterSet {
  if (node.kind === "entry") return NONE;
  if (node.kind !== "block") return dirtyIn;
  switch (node.block.end.kind) {
    case "jump":
    case "branch":
    case "jump register":
      return dirtyAlong(node.block.steps, dirtyIn).at(-1)!;
    default:
      // Everything was spilled.
      return NONE;
  }
}

function liveBefore(
  flow: Flow,
  node: FlowNode,
  liveOut: RegisterSet,
  dirtyIn: RegisterSet,
  options: TranslateOptions,
): RegisterSet {
  switch (node.kind) {
    case "root":
    case "entry":
      // An entry loads what is live behind it.
      return NONE;
    case "hub":
    case "leave":
      // The hub polls, and an unknown target leaves.
      return union(liveOut, dirtyIn);
    case "arm":
      return liveOut;
    default:
      return liveBeforeBlock(flow, node.block, liveOut, dirtyIn, options);
  }
}

function liveBeforeBlock(
  flow: Flow,
  block: Block,
  liveOut: RegisterSet,
  dirtyIn: RegisterSet,
  options: TranslateOptions,
): RegisterSet {
  const { steps } = block;
  const dirty = dirtyAlong(steps, dirtyIn);
  let live = liveBeforeEnd(flow, block, liveOut, dirty.at(-1)!);
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i]!;
    live = union(without(live, step.writes), step.reads);
    if (mayExit(step, options)) live = union(live, dirty[i]!);
  }
  return live;
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
