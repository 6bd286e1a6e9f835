/** Reverse postorder and immediate dominators of a graph whose root is node 0. */

export interface Dominators {
  /** Position in reverse postorder, or -1 if the node is unreachable. */
  readonly position: Int32Array;
  /** Reachable nodes in reverse postorder. */
  readonly order: readonly number[];
  /** Immediate dominator of each node; the root's is itself. */
  readonly parent: Int32Array;
}

export type Successors = readonly (readonly number[])[];

/** Computes both (Cooper, Harvey, Kennedy: "A Simple, Fast Dominance Algorithm"). */
export function dominators(successors: Successors): Dominators {
  const order = reversePostorder(successors);
  const position = new Int32Array(successors.length).fill(-1);
  for (const [at, node] of order.entries()) position[node] = at;
  const predecessors: number[][] = successors.map(() => []);
  for (const node of order) for (const to of successors[node]!) predecessors[to]!.push(node);
  const parent = new Int32Array(successors.length).fill(-1);
  parent[0] = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (const node of order) {
      if (node === 0) continue;
      let common = -1;
      for (const from of predecessors[node]!) {
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
export function reversePostorder(successors: Successors, start = 0): number[] {
  const postorder: number[] = [];
  const seen = new Uint8Array(successors.length);
  const stack: { node: number; next: number }[] = [{ node: start, next: 0 }];
  seen[start] = 1;
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const targets = successors[top.node]!;
    // The last successor first, so that the first one comes next in the final order.
    const to = targets[targets.length - 1 - top.next];
    top.next++;
    if (to === undefined) {
      postorder.push(top.node);
      stack.pop();
    } else if (seen[to] === 0) {
      seen[to] = 1;
      stack.push({ node: to, next: 0 });
    }
  }
  return postorder.reverse();
}
