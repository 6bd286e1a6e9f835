/**
 * Makes a flow graph reducible: every loop gets a single header.
 *
 * A cycle that is entered at several nodes gets a dispatch node in front, which goes on by the value of the `label` local.
 * Edges from outside go there, and so do edges from inside to the outermost loop's header; that breaks the
 * cycle, and what remains of it is treated the same way. Loops without calls inside keep their own header and pay nothing.
 */
import { componentsOf } from "./components.ts";
import { reversePostorder } from "./dominators.ts";

/** An edge as it is taken: to `to`, after setting the label if there is one. */
export interface Edge {
  readonly to: number;
  readonly label: number | undefined;
}

/** A node that goes to one of its targets by label; the fallback takes every other label. */
export interface Dispatch {
  readonly cases: ReadonlyMap<number, number>;
  readonly fallback: number;
  /** The label with which the fallback is gone to within the function. */
  readonly usual: number;
}

export interface Reducible {
  /** In the order of the original successors; dispatch nodes come behind the original nodes. */
  readonly edges: readonly (readonly Edge[])[];
  readonly dispatches: ReadonlyMap<number, Dispatch>;
}

/**
 * @param successors - the graph; node 0 is the root, whose first successor is the function's start.
 * @param labels - labels that nodes have already: those that the root, a dispatch node itself, was entered for.
 */
export function makeReducible(
  successors: readonly (readonly number[])[],
  labels: ReadonlyMap<number, number>,
): Reducible {
  return new Reducer(successors, labels).run();
}

class Reducer {
  private readonly targets: number[][];
  private readonly edges: Edge[][];
  private readonly labels: Map<number, number>;
  private nextLabel: number;
  private readonly dispatches = new Map<number, Dispatch>();
  /** Order in which the function's own start reaches the nodes. */
  private readonly position: ReadonlyMap<number, number>;
  /** Reachable nodes: the others have no say in what an entry is. */
  private readonly live = new Set([0]);

  constructor(successors: readonly (readonly number[])[], labels: ReadonlyMap<number, number>) {
    this.targets = successors.map((list) => [...list]);
    this.edges = successors.map((list) => list.map((to) => ({ to, label: undefined })));
    this.labels = new Map(labels);
    this.nextLabel = Math.max(0, ...labels.values()) + 1;
    this.position = new Map(reversePostorder(successors, successors[0]![0]!).map((node, at) => [node, at]));
  }

  run(): Reducible {
    for (const node of this.live) {
      const targets = this.targets[node]!;
      for (let i = 0; i < targets.length; i++) this.live.add(targets[i]!);
    }
    this.reduce(new Set(this.live));
    return { edges: this.edges, dispatches: this.dispatches };
  }

  private reduce(members: ReadonlySet<number>): void {
    const within = new Uint8Array(this.targets.length);
    for (const node of members) within[node] = 1;
    const component = componentsOf(this.targets, within);
    const cycles: Set<number>[] = [];
    for (const node of members) {
      const number = component[node]!;
      if (number < 0) continue;
      cycles[number] ??= new Set();
      cycles[number].add(node);
    }
    for (const inside of cycles) {
      const entries = this.entriesOf(inside);
      const header = this.naturalHeader(entries);
      if (entries.length === 1) inside.delete(header);
      else this.insertDispatch(entries, header, inside);
      this.reduce(inside);
    }
  }

  private entriesOf(inside: ReadonlySet<number>): number[] {
    const entries: number[] = [];
    for (const from of this.live) {
      if (inside.has(from)) continue;
      const targets = this.targets[from]!;
      for (let i = 0; i < targets.length; i++) {
        const to = targets[i]!;
        if (inside.has(to) && !entries.includes(to)) entries.push(to);
      }
    }
    return entries;
  }

  /** The entry that comes first on the way from the function's start: the header of the outermost loop. */
  private naturalHeader(entries: readonly number[]): number {
    const position = (node: number) => this.position.get(node) ?? Number.POSITIVE_INFINITY;
    return entries.reduce((best, entry) => (position(entry) < position(best) ? entry : best));
  }

  private insertDispatch(entries: readonly number[], header: number, inside: ReadonlySet<number>): void {
    const dispatch = this.targets.length;
    const isEntry = new Set(entries);
    const cases = new Map<number, number>();
    for (const entry of entries) if (entry !== header) cases.set(this.labelOf(entry), entry);
    const headerLabel = this.labelOf(header);
    for (let from = 0; from < dispatch; from++) {
      const targets = this.targets[from]!;
      const stays = inside.has(from);
      for (let i = 0; i < targets.length; i++) {
        const to = targets[i]!;
        if (!isEntry.has(to) || (stays && to !== header)) continue;
        targets[i] = dispatch;
        // Who comes through a dispatch node has the right label already.
        const label =
          from === 0 || this.dispatches.has(from) ? undefined : to === header ? headerLabel : this.labelOf(to);
        this.edges[from]![i] = { to: dispatch, label };
      }
    }
    this.live.add(dispatch);
    this.dispatches.set(dispatch, { cases, fallback: header, usual: headerLabel });
    const all = [...cases.values(), header];
    this.targets.push(all);
    this.edges.push(all.map((to) => ({ to, label: undefined })));
  }

  private labelOf(node: number): number {
    const known = this.labels.get(node);
    if (known !== undefined) return known;
    const label = this.nextLabel++;
    this.labels.set(node, label);
    return label;
  }
}
