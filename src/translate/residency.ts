/**
 * Which registers are in wasm locals, and which of these are newer than the register file.
 *
 * What is not in a local where it is read is loaded there. So behind a call, which leaves everything in the register file, a
 * path loads no more than it uses; and registers that nobody reads before the next call go nowhere. Only sp is in its local
 * everywhere, since calls pass and return it. Two things are worth loading early: what a loop without calls uses, before
 * the loop; and what one way to a block has in a local and another, behind a call perhaps, has not, on the latter. One is
 * worth storing early: what a loop with calls does not write.
 */
import { componentsOf } from "./components.ts";
import type { Flow, FlowNode } from "./flow.ts";
import { integer, type RegisterSet, SP } from "./register-set.ts";
import { type RegisterSets, registerSets, type Summary } from "./summary.ts";

/** Sets for each node. Whoever goes to a node makes that true which holds where it begins. */
export interface Residency {
  /** Registers that are in locals where a node begins. */
  readonly held: RegisterSets;
  /** Those of them whose locals may be newer than the register file: the others were stored on the way. */
  readonly dirty: RegisterSets;
  /** Registers that are in locals where a node ends. */
  readonly behind: RegisterSets;
  /** Registers that are to be stored by the end of a block, since no node behind it holds them. */
  readonly dropped: RegisterSets;
}

/** What is in a local everywhere. */
const ALWAYS: RegisterSet = integer(SP);

const A0 = 1 << 10;
const EVERYTHING = -1;

export function planResidency(flow: Flow, summary: Summary): Residency {
  const planner = new Planner(flow, summary);
  planner.settle();
  return planner.result();
}

class Planner {
  private readonly flow: Flow;
  private readonly summary: Summary;
  /** Whether the hub is like a call: its loop has calls, and too many blocks for all to agree on what is in locals. */
  private readonly hubClears: boolean;
  /** What is held for the sake of a loop. */
  private readonly needed: RegisterSets;
  /** What may be read before the next call. */
  private readonly wanted: RegisterSets;
  private readonly held: RegisterSets;
  /** All registers of the region. */
  private everX = ALWAYS.x;
  private everF = ALWAYS.f;

  constructor(flow: Flow, summary: Summary) {
    this.flow = flow;
    this.summary = summary;
    const count = flow.nodes.length;
    for (let n = 0; n < count; n++) {
      this.everX |= this.touchedX(n);
      this.everF |= this.touchedF(n);
    }
    this.hubClears = hasCallsAround(flow);
    this.needed = this.neededInLoops();
    this.wanted = this.readAhead();
    this.held = registerSets(count);
    this.held.x.fill(this.everX);
    this.held.f.fill(this.everF);
  }

  private touchedX(n: number): number {
    const { reads, writes, endReads } = this.summary;
    return reads.x[n]! | writes.x[n]! | endReads.x[n]!;
  }

  private touchedF(n: number): number {
    const { reads, writes, endReads } = this.summary;
    return reads.f[n]! | writes.f[n]! | endReads.f[n]!;
  }

  /** Whether all but sp is in the register file behind a node: it was stored there, and may have changed. */
  private clears({ kind, block }: FlowNode): boolean {
    if (kind === "hub") return this.hubClears;
    return block !== undefined && (block.end.kind === "call" || block.end.kind === "call register");
  }

  /** What the nodes of each cycle without a call touch, for each of its nodes. */
  private neededInLoops(): RegisterSets {
    const { nodes, successors } = this.flow;
    const open = successors.map((targets, n) => (this.clears(nodes[n]!) ? [] : targets));
    const components = componentsOf(open);
    const all = registerSets(nodes.length);
    for (let n = 0; n < nodes.length; n++) {
      const component = components[n]!;
      if (component < 0) continue;
      all.x[component]! |= this.touchedX(n);
      all.f[component]! |= this.touchedF(n);
    }
    const needed = registerSets(nodes.length);
    for (let n = 0; n < nodes.length; n++) {
      const component = components[n]!;
      if (component < 0) continue;
      needed.x[n] = all.x[component]!;
      needed.f[n] = all.f[component]!;
    }
    return needed;
  }

  /** What may be read between the beginning of each node and the next call. */
  private readAhead(): RegisterSets {
    const { nodes, successors } = this.flow;
    const { reads, writes, endReads } = this.summary;
    const { x, f } = registerSets(nodes.length);
    for (let again = true; again; ) {
      again = false;
      for (let n = nodes.length - 1; n > 0; n--) {
        let [aheadX, aheadF] = [0, 0];
        if (!this.clears(nodes[n]!)) {
          const targets = successors[n]!;
          for (let i = 0; i < targets.length; i++) {
            aheadX |= x[targets[i]!]!;
            aheadF |= f[targets[i]!]!;
          }
        }
        if (nodes[n]!.block?.end.kind === "ecall") aheadX &= ~A0;
        aheadX = reads.x[n]! | ((aheadX | endReads.x[n]!) & ~writes.x[n]!);
        aheadF = reads.f[n]! | ((aheadF | endReads.f[n]!) & ~writes.f[n]!);
        if (aheadX === x[n] && aheadF === f[n]) continue;
        x[n] = aheadX;
        f[n] = aheadF;
        again = true;
      }
    }
    return { x, f };
  }

  /** Finds the largest sets that agree with the rules: what all ways bring, and what some bring and is wanted. */
  settle(): void {
    const { nodes } = this.flow;
    const { held } = this;
    const from = predecessorsOf(this.flow);
    for (let again = true; again; ) {
      again = false;
      for (let n = 1; n < nodes.length; n++) {
        const x = this.heldAt(n, from[n]!, "x");
        const f = this.heldAt(n, from[n]!, "f");
        if (x === held.x[n] && f === held.f[n]) continue;
        held.x[n] = x;
        held.f[n] = f;
        again = true;
      }
    }
  }

  private heldAt(n: number, from: readonly number[], half: "x" | "f"): number {
    const node = this.flow.nodes[n]!;
    if (node.kind === "hub" && this.hubClears) return ALWAYS[half];
    let [all, some, ways] = [EVERYTHING, 0, 0];
    for (let i = 0; i < from.length; i++) {
      // Where the function is resumed everything that is held is loaded.
      if (this.flow.nodes[from[i]!]!.role === "resume") continue;
      const before = this.behind(from[i]!, half);
      all &= before;
      some |= before;
      ways++;
    }
    if (ways === 0) all = 0;
    if (this.isLoopHeader(node, from)) some = 0;
    return ALWAYS[half] | all | this.needed[half][n]! | (some & this.wanted[half][n]!);
  }

  /** Around a loop with calls it is cheaper to load what is used, than to keep whatever was held before the loop. */
  private isLoopHeader(node: FlowNode, from: readonly number[]): boolean {
    const { nodes, loops, indirect } = this.flow;
    const { block } = node;
    if (block === undefined) return false;
    if (indirect.has(block.pc)) return true;
    for (let i = 0; i < from.length; i++) {
      const before = nodes[from[i]!]!.block;
      if (before !== undefined && loops.polls(before, block.pc)) return true;
    }
    return false;
  }

  private behind(n: number, half: "x" | "f"): number {
    const node = this.flow.nodes[n]!;
    if (node.kind === "entry") return node.role === "resume" ? EVERYTHING : ALWAYS[half];
    if (node.block === undefined) return this.held[half][n]!;
    if (this.clears(node)) return ALWAYS[half];
    const touched = half === "x" ? this.touchedX(n) : this.touchedF(n);
    const result = half === "x" && node.block.end.kind === "ecall" ? A0 : 0;
    return (this.held[half][n]! | touched) & ~result;
  }

  result(): Residency {
    const { held, flow } = this;
    const { nodes, successors } = flow;
    const behind = registerSets(nodes.length);
    const dropped = registerSets(nodes.length);
    const dirty = this.spreadDirty();
    for (let n = 0; n < nodes.length; n++) {
      behind.x[n] = this.behind(n, "x");
      behind.f[n] = this.behind(n, "f");
      if (nodes[n]!.block === undefined) continue;
      let [keptX, keptF] = [0, 0];
      const targets = this.clears(nodes[n]!) ? [] : successors[n]!;
      for (let i = 0; i < targets.length; i++) {
        keptX |= held.x[targets[i]!]!;
        keptF |= held.f[targets[i]!]!;
      }
      dropped.x[n] = ~keptX;
      dropped.f[n] = ~keptF;
      behind.x[n]! &= keptX;
      behind.f[n]! &= keptF;
    }
    return { held, dirty, behind, dropped };
  }

  /**
   * The outermost loop that each node is in, and by loop what may be dirty where it is entered. If everything is stored within
   * again and again, for calls, that is only what is written within; the rest is stored once, on the way.
   */
  private outermostLoops() {
    const { nodes, successors } = this.flow;
    const { writes } = this.summary;
    const loop = componentsOf(successors);
    const written = registerSets(nodes.length);
    const stores = new Uint8Array(nodes.length);
    for (let n = 0; n < nodes.length; n++) {
      const number = loop[n]!;
      if (number < 0) continue;
      written.x[number]! |= writes.x[n]!;
      written.f[number]! |= writes.f[n]!;
      if (this.clears(nodes[n]!) || nodes[n]!.block?.end.kind === "ecall") stores[number] = 1;
    }
    const dirty = (half: "x" | "f") => written[half].map((set, number) => (stores[number] === 1 ? set : EVERYTHING));
    return { loop, dirtyX: dirty("x"), dirtyF: dirty("f") };
  }

  private spreadDirty(): RegisterSets {
    const { nodes, successors } = this.flow;
    const { writes } = this.summary;
    const { x, f } = registerSets(nodes.length);
    const { loop, dirtyX, dirtyF } = this.outermostLoops();
    for (let again = true; again; ) {
      again = false;
      for (let n = 0; n < nodes.length; n++) {
        if (!keepsDirty(nodes[n]!)) continue;
        const outX = x[n]! | writes.x[n]!;
        const outF = f[n]! | writes.f[n]!;
        const targets = successors[n]!;
        for (let i = 0; i < targets.length; i++) {
          const to = targets[i]!;
          const enters = loop[to]! >= 0 && loop[to] !== loop[n];
          const newX = outX & this.held.x[to]! & (enters ? dirtyX[loop[to]!]! : EVERYTHING);
          const newF = outF & this.held.f[to]! & (enters ? dirtyF[loop[to]!]! : EVERYTHING);
          const atX = x[to]! | newX;
          const atF = f[to]! | newF;
          if (to <= n && (atX !== x[to] || atF !== f[to])) again = true;
          x[to] = atX;
          f[to] = atF;
        }
      }
    }
    return { x, f };
  }
}

/** Whether what is dirty in a node or before may be so behind it; elsewhere everything was stored, or loaded. */
function keepsDirty({ kind, block }: FlowNode): boolean {
  if (block === undefined) return kind !== "root" && kind !== "resume" && kind !== "entry";
  const end = block.end.kind;
  return end === "jump" || end === "branch" || end === "jump register";
}

function predecessorsOf({ successors }: Flow): number[][] {
  const from: number[][] = successors.map(() => []);
  for (let n = 0; n < successors.length; n++) {
    const targets = successors[n]!;
    for (let i = 0; i < targets.length; i++) from[targets[i]!]!.push(n);
  }
  return from;
}

/** Whether a loop leads through the hub and through a call. */
function hasCallsAround({ nodes, successors, hub }: Flow): boolean {
  if (hub === undefined) return false;
  const components = componentsOf(successors);
  const around = components[nodes.findIndex(({ kind }) => kind === "hub")]!;
  return (
    around >= 0 &&
    nodes.some(({ block }, n) => {
      return components[n] === around && (block?.end.kind === "call" || block?.end.kind === "call register");
    })
  );
}
