/** Which registers are live and which are dirty: in a wasm local, newer than the register file in memory. */
import type { Block } from "./cfg.ts";
import type { Flow, FlowNode } from "./flow.ts";
import { type RegisterSets, registerSets, type Summary } from "./summary.ts";

/** What holds at the beginning of each node. */
export interface Liveness {
  /** Registers whose locals are read before they are written. */
  readonly liveIn: RegisterSets;
  /** Registers whose locals may be newer than the register file. */
  readonly dirtyIn: RegisterSets;
}

const A0 = 1 << 10;

/**
 * Solves both dataflow problems: what may be dirty goes forward; what is read, or spilled where it may be dirty, is live
 * backward. Nodes are in about the order of the code, so that a few rounds over all of them do.
 */
export function analyse(flow: Flow, summary: Summary): Liveness {
  const dirtyIn = registerSets(flow.nodes.length);
  while (spreadDirty(flow, summary, dirtyIn));
  const liveIn = registerSets(flow.nodes.length);
  while (spreadLive(flow, summary, dirtyIn, liveIn));
  return { liveIn, dirtyIn };
}

/** One round forward. Answers whether anything changed for a node that was passed already. */
function spreadDirty({ nodes, successors }: Flow, { writes }: Summary, { x, f }: RegisterSets): boolean {
  let again = false;
  for (let n = 0; n < nodes.length; n++) {
    if (!keepsDirty(nodes[n]!)) continue;
    const outX = x[n]! | writes.x[n]!;
    const outF = f[n]! | writes.f[n]!;
    const targets = successors[n]!;
    for (let i = 0; i < targets.length; i++) {
      const to = targets[i]!;
      if (to <= n && ((outX & ~x[to]!) | (outF & ~f[to]!)) !== 0) again = true;
      x[to]! |= outX;
      f[to]! |= outF;
    }
  }
  return again;
}

/** Whether what is dirty in a node or before stays so behind it; elsewhere everything was spilled, or loaded. */
function keepsDirty({ kind, block }: FlowNode): boolean {
  if (block === undefined) return kind !== "root" && kind !== "resume" && kind !== "entry";
  const end = block.end.kind;
  return end === "jump" || end === "branch" || end === "jump register";
}

/** One round backward. */
function spreadLive(flow: Flow, summary: Summary, dirtyIn: RegisterSets, { x, f }: RegisterSets): boolean {
  const { nodes, successors } = flow;
  let again = false;
  for (let n = nodes.length - 1; n >= 0; n--) {
    const { kind, block } = nodes[n]!;
    // An entry loads what is live behind it.
    if (kind === "root" || kind === "resume" || kind === "entry") continue;
    let liveX = 0;
    let liveF = 0;
    const targets = successors[n]!;
    for (let i = 0; i < targets.length; i++) {
      liveX |= x[targets[i]!]!;
      liveF |= f[targets[i]!]!;
    }
    if (block === undefined) {
      // The hub polls, and an unknown target leaves.
      if (kind !== "arm") {
        liveX |= dirtyIn.x[n]!;
        liveF |= dirtyIn.f[n]!;
      }
    } else {
      const { reads, writes, endReads, link, mayExit } = summary;
      const ends = usesAtEnd(flow, block);
      if (ends === USES.ONLY_DIRTY) liveX = liveF = 0;
      else if (ends === USES.AFTER_SYSCALL) liveX &= ~A0;
      const dirties = ends === USES.ONLY_LIVE ? 0 : -1;
      liveX |= (dirties & dirtyIn.x[n]! & ~link[n]!) | endReads.x[n]!;
      liveF |= (dirties & dirtyIn.f[n]!) | endReads.f[n]!;
      liveX = reads.x[n]! | (liveX & ~writes.x[n]!);
      liveF = reads.f[n]! | (liveF & ~writes.f[n]!);
      // What is dirty where a step leaves is spilled.
      if (mayExit[n] === 1) {
        liveX |= dirtyIn.x[n]!;
        liveF |= dirtyIn.f[n]!;
      }
    }
    if (liveX === x[n] && liveF === f[n]) continue;
    x[n] = liveX;
    f[n] = liveF;
    again = true;
  }
  return again;
}

/** What the end of a block needs: what is live behind it, what is dirty, or both. */
const USES = { ONLY_LIVE: 0, BOTH: 1, ONLY_DIRTY: 2, AFTER_SYSCALL: 3 } as const;

function usesAtEnd(flow: Flow, block: Block): number {
  switch (block.end.kind) {
    case "jump":
    case "branch":
      for (let i = 0; i < block.next.length; i++) {
        const to = block.next[i]!;
        // By leaving the region, or by the poll of a loop.
        if (!flow.blockNode.has(to) || flow.loops.polls(block, to)) return USES.BOTH;
      }
      return USES.ONLY_LIVE;
    case "call":
    case "call register":
      return USES.ONLY_DIRTY;
    case "ecall":
      return USES.AFTER_SYSCALL;
    default:
      return USES.BOTH;
  }
}
