/** Strongly connected components. */

/**
 * Finds the components of the subgraph that `members` span which contain a cycle (Tarjan 1972, without recursion).
 */
export function cyclicComponents(successors: readonly (readonly number[])[], members: ReadonlySet<number>): number[][] {
  const index = new Map<number, number>();
  const low = new Map<number, number>();
  const onStack = new Set<number>();
  const stack: number[] = [];
  const found: number[][] = [];
  const enter = (node: number) => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    onStack.add(node);
  };
  const lower = (node: number, to: number) => low.set(node, Math.min(low.get(node)!, to));
  for (const root of members) {
    if (index.has(root)) continue;
    const path = [{ node: root, next: 0 }];
    enter(root);
    while (path.length > 0) {
      const top = path.at(-1)!;
      const to = successors[top.node]![top.next++];
      if (to === undefined) {
        path.pop();
        const above = path.at(-1);
        if (above !== undefined) lower(above.node, low.get(top.node)!);
        if (low.get(top.node) !== index.get(top.node)) continue;
        const component = stack.splice(stack.lastIndexOf(top.node));
        for (const node of component) onStack.delete(node);
        if (component.length > 1 || successors[top.node]!.includes(top.node)) found.push(component);
      } else if (members.has(to)) {
        if (!index.has(to)) {
          enter(to);
          path.push({ node: to, next: 0 });
        } else if (onStack.has(to)) lower(top.node, index.get(to)!);
      }
    }
  }
  return found;
}
