/** Reverse postorder and immediate dominators of a graph whose root is node 0. */
import type { Graph } from "./components.ts";

export interface Dominators {
  /** Position in reverse postorder, or -1 if the node is unreachable. */
  readonly position: Int32Array;
  /** Reachable nodes in reverse postorder. */
  readonly order: readonly number[];
  /** Immediate dominator of each node; the root's is itself. */
  readonly parent: Int32Array;
}

/** Computes both (Cooper, Harvey, Kennedy: "A Simple, Fast Dominance Algorithm"). */
export function dominators(successors: Graph): Dominators {
  const order = reversePostorder(successors);
  const position = new Int32Array(successors.length).fill(-1);
  const predecessors: number[][] = [];
  for (let n = 0; n < successors.length; n++) predecessors.push([]);
  for (let at = 0; at < order.length; at++) {
    const node = order[at]!;
    position[node] = at;
    const targets = successors[node]!;
    for (let i = 0; i < targets.length; i++) predecessors[targets[i]!]!.push(node);
  }
  const parent = new Int32Array(successors.length).fill(-1);
  parent[0] = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (let at = 1; at < order.length; at++) {
      const node = order[at]!;
      let common = -1;
      const sources = predecessors[node]!;
      for (let i = 0; i < sources.length; i++) {
        const from = sources[i]!;
        if (parent[from] === -1) continue;
        common = common < 0 ? from : meet(parent, position, common, from);
      }
      if (parent[node] !== common) {
        parent[node] = common;
        changed = true;
      }
    }
  }
  return { position, order, parent };
}

function meet(parent: Int32Array, position: Int32Array, a: number, b: number): number {
  while (a !== b) {
    while (position[a]! > position[b]!) a = parent[a]!;
    while (position[b]! > position[a]!) b = parent[b]!;
  }
  return a;
}

/** Nodes that can be reached from `start`, each before those that it dominates; headers of outer loops before inner ones. */
export function reversePostorder(successors: Graph, start = 0): number[] {
  const postorder: number[] = [];
  const next = new Int32Array(successors.length).fill(-1);
  const path = [start];
  next[start] = successors[start]!.length;
  while (path.length > 0) {
    const node = path[path.length - 1]!;
    // The last successor first, so that the first one comes next in the final order.
    if (next[node] === 0) {
      postorder.push(node);
      path.pop();
      continue;
    }
    next[node]!--;
    const to = successors[node]![next[node]!]!;
    if (next[to] !== -1) continue;
    next[to] = successors[to]!.length;
    path.push(to);
  }
  return postorder.reverse();
}
