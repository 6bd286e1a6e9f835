/** Strongly connected components. */

/** Successors of each node. */
export type Graph = readonly (readonly number[])[];

/**
 * Finds the components which contain a cycle (Tarjan 1972, without recursion).
 *
 * @param inside - 1 for each node of the subgraph that is looked at; all of the graph if absent.
 * @returns the number of each node's component; -1 for nodes of no cycle.
 */
export function componentsOf(successors: Graph, inside?: Uint8Array): Int32Array {
  const count = successors.length;
  const component = new Int32Array(count).fill(-1);
  /** From 1 in the order in which nodes are met; 0 before that, and -1 when a node is done. */
  const index = new Int32Array(count);
  const low = new Int32Array(count);
  const next = new Int32Array(count);
  const path = new Int32Array(count);
  const stack = new Int32Array(count);
  let [met, depth, height, found] = [0, 0, 0, 0];
  for (let root = 0; root < count; root++) {
    if (index[root] !== 0 || inside?.[root] === 0) continue;
    path[depth++] = root;
    while (depth > 0) {
      const node = path[depth - 1]!;
      if (index[node] === 0) {
        index[node] = low[node] = ++met;
        stack[height++] = node;
      }
      const targets = successors[node]!;
      if (next[node]! < targets.length) {
        const to = targets[next[node]!++]!;
        if (inside?.[to] === 0) continue;
        if (index[to] === 0) path[depth++] = to;
        else if (index[to]! > 0 && index[to]! < low[node]!) low[node] = index[to]!;
        continue;
      }
      depth--;
      if (depth > 0 && low[node]! < low[path[depth - 1]!]!) low[path[depth - 1]!] = low[node]!;
      if (low[node] !== index[node]) continue;
      const cyclic = stack[height - 1] !== node || targets.includes(node);
      for (let member = -1; member !== node; ) {
        member = stack[--height]!;
        index[member] = -1;
        if (cyclic) component[member] = found;
      }
      if (cyclic) found++;
    }
  }
  return component;
}
