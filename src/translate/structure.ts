/**
 * Emits a reducible flow graph as structured control flow, by its dominator tree (Ramsey, "Beyond Relooper", 2022).
 *
 * A node with several predecessors becomes the place behind a block that its dominator opens; a loop header becomes a
 * loop; any other node is emitted where its only predecessor branches to it.
 */
import type { CodeBuilder, Label, Local } from "../base/wasm/code.ts";
import { type Dominators, dominators } from "./dominators.ts";
import type { Dispatch, Edge, Reducible } from "./reducible.ts";

/** How a node's emitter goes on. */
export interface Exits {
  /** Goes to the i-th successor; control does not come back. */
  go(successor: number): void;
  /** The label to branch to for the i-th successor, if a branch is all that it takes. */
  labelOf(successor: number): Label | undefined;
  /** Goes to one of the successors by the number on the stack: case i to `cases[i]`, any other to `fallback`. */
  table(cases: readonly (number | undefined)[], fallback: number): void;
}

export interface NodeEmitter {
  /** Emits a node of the original graph, and how it ends. */
  emitNode(node: number, exits: Exits): void;
  /**
   * The successor that a node goes to as the last thing it emits, outside of any block of its own: only that one can be
   * emitted in place. -1 if there is none.
   */
  lastSuccessor(node: number): number;
}

/** Emits the whole graph from node 0. Every path ends in a return, so the code behind is unreachable. */
export function emitStructured(code: CodeBuilder, graph: Reducible, label: Local, emitter: NodeEmitter): void {
  new Structurer(code, graph, label, emitter).emit();
  code.op("unreachable");
}

/** What is still to be emitted behind the code so far: a subtree of the dominator tree, or the end of a block or loop. */
type Pending = { readonly node: number } | "end";

class Structurer {
  private readonly code: CodeBuilder;
  private readonly graph: Reducible;
  private readonly label: Local;
  private readonly emitter: NodeEmitter;
  private readonly tree: Dominators;
  /** Nodes that stand behind a block, by dominator, the last in reverse postorder first. */
  private readonly merges: number[][];
  private readonly isMerge: Uint8Array;
  private readonly isHeader: Uint8Array;
  private readonly loops = new Map<number, Label>();
  private readonly blocks = new Map<number, Label>();
  /** The last one is next. A list rather than recursion: a function of a thousand blocks nests as deep. */
  private readonly pending: Pending[] = [];

  constructor(code: CodeBuilder, graph: Reducible, label: Local, emitter: NodeEmitter) {
    this.code = code;
    this.graph = graph;
    this.label = label;
    this.emitter = emitter;
    const { edges } = graph;
    this.tree = dominators(edges.map((list) => list.map((edge) => edge.to)));
    this.isMerge = new Uint8Array(edges.length);
    this.isHeader = new Uint8Array(edges.length);
    this.merges = edges.map(() => []);
    this.classify();
  }

  emit(): void {
    this.pending.push({ node: 0 });
    for (let next = this.pending.pop(); next !== undefined; next = this.pending.pop()) {
      if (next === "end") this.code.close();
      else this.emitTree(next.node);
    }
  }

  /** Opens what a node needs around itself, emits it, and leaves what stands behind it pending. */
  private emitTree(node: number): void {
    const { code, pending } = this;
    if (this.isHeader[node] === 1) {
      this.loops.set(node, code.open("loop"));
      pending.push("end");
    }
    // A block for each merge that the node dominates directly: the merge stands behind its end.
    for (const merge of this.merges[node]!) {
      this.blocks.set(merge, code.open("block"));
      pending.push({ node: merge }, "end");
    }
    this.emitContent(node);
  }

  private classify(): void {
    const { order, parent } = this.tree;
    const entered = new Uint8Array(this.isMerge.length);
    for (let at = 0; at < order.length; at++) {
      const from = order[at]!;
      const last = this.graph.dispatches.has(from) ? -1 : this.emitter.lastSuccessor(from);
      const edges = this.graph.edges[from]!;
      for (let i = 0; i < edges.length; i++) {
        const { to } = edges[i]!;
        if (this.isBackward(from, to)) this.isHeader[to] = 1;
        else {
          if (i !== last || entered[to] === 1) this.isMerge[to] = 1;
          entered[to] = 1;
        }
      }
    }
    for (let at = order.length - 1; at >= 0; at--) {
      const node = order[at]!;
      if (this.isMerge[node] === 1) this.merges[parent[node]!]!.push(node);
    }
  }

  private isBackward(from: number, to: number): boolean {
    return this.tree.position[to]! <= this.tree.position[from]!;
  }

  private emitContent(node: number): void {
    const edges = this.graph.edges[node]!;
    const dispatch = this.graph.dispatches.get(node);
    if (dispatch === undefined) {
      this.emitter.emitNode(node, {
        go: (successor) => this.go(node, edges[successor]!),
        labelOf: (successor) => this.labelOf(node, edges[successor]!),
        table: (cases, fallback) => this.table(edges, cases, fallback),
      });
      return;
    }
    this.dispatch(edges, dispatch);
  }

  /** Goes on by the label; most often to the fallback, which is where loops go round. */
  private dispatch(edges: readonly Edge[], { cases, usual }: Dispatch): void {
    const { code, label } = this;
    const fallback = edges.length - 1;
    const numbers: (number | undefined)[] = [];
    for (const [i, number] of [...cases.keys()].entries()) numbers[number] = i;
    code.get(label).i32(usual).op("i32_ne");
    code.if("void", () => {
      code.get(label);
      this.table(edges, Array.from(numbers), fallback);
    });
    code.br(this.blocks.get(edges[fallback]!.to)!);
  }

  private table(edges: readonly Edge[], cases: readonly (number | undefined)[], fallback: number): void {
    const labelOf = (successor: number) => this.blocks.get(edges[successor]!.to)!;
    this.code.brTable(
      cases.map((successor) => labelOf(successor ?? fallback)),
      labelOf(fallback),
    );
  }

  private go(from: number, { to, label }: Edge): void {
    if (label !== undefined) this.code.i32(label).set(this.label);
    const place = this.labelOf(from, { to, label: undefined });
    if (place !== undefined) this.code.br(place);
    else this.pending.push({ node: to });
  }

  private labelOf(from: number, { to, label }: Edge): Label | undefined {
    if (label !== undefined) return undefined;
    if (this.isBackward(from, to)) return this.loops.get(to);
    return this.isMerge[to] === 1 ? this.blocks.get(to) : undefined;
  }
}
