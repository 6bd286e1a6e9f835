/**
 * The flow graph of a region's wasm function.
 *
 * Besides a node for each guest block it has: a root, from which the function's entries are chosen; a node for each
 * entry; a node that loads registers where the function is resumed, which is rare; and a hub, through which jumps to addresses in registers go,
 * with an arm for each bucket of its hash table.
 */
import type { Block, Cfg } from "./cfg.ts";
import { reversePostorder } from "./dominators.ts";
import { buildHubTable, type HubTable } from "./hub.ts";

/** What a node is. All have the same shape, which engines like; what a kind has no use for is undefined. */
export interface FlowNode {
  /**
   * An entry is where the function begins, where a call returns to, or where it is resumed elsewhere. "resume" loads what the
   * entries that resume need, and goes on to one of them. "leave" leaves for the address that an indirect jump computed.
   */
  readonly kind: "root" | "entry" | "resume" | "block" | "hub" | "arm" | "leave";
  /** What an entry is for. Start and returns load registers. */
  readonly role: "start" | "return" | "resume" | undefined;
  /** Entry number, 0 for the start, undefined if only calls return there. */
  readonly number: number | undefined;
  /** Address of an entry or a block. */
  readonly pc: number;
  /** Whether an entry goes on through the hub, so that a loop around the hub keeps its single header. */
  readonly viaHub: boolean;
  readonly block: Block | undefined;
  /** Addresses that an arm distinguishes. */
  readonly targets: readonly number[];
}

function makeNode(kind: FlowNode["kind"], pc = 0, block?: Block, targets: readonly number[] = NOWHERE): FlowNode {
  return { kind, role: undefined, number: undefined, pc, viaHub: false, block, targets };
}

const NOWHERE: readonly number[] = [];

export interface Flow {
  readonly nodes: readonly FlowNode[];
  /**
   * Successors of each node. A branch has the taken one first; the hub has its arms in the order of its buckets that are not
   * empty, then the leave node; an arm has its targets, then the leave node.
   */
  readonly successors: readonly (readonly number[])[];
  /** Addresses that the function can be entered at: entry n is at index n. */
  readonly entries: readonly number[];
  /** Entries from this number on resume: the root goes to them by way of the one node that loads for all. */
  readonly firstResumed: number;
  readonly hub: HubTable | undefined;
  /** Addresses that the hub goes to. */
  readonly indirect: ReadonlySet<number>;
  readonly loops: Loops;
  /** Node of the block at an address. */
  readonly blockNode: ReadonlyMap<number, number>;
}

/** Entry numbers travel in a br_table of at most 128 cases, of which some are kept for loops that are entered in the middle. */
export const MAX_ENTRIES = 96;

/** Targets of a region's indirect jumps. */
const MAX_HUB_TARGETS = 256;

/** What the graph is linked from. */
interface Plan {
  readonly entries: readonly number[];
  readonly returns: ReadonlySet<number>;
  readonly hubTargets: readonly number[];
}

/**
 * Builds the graph. Call returns are entries first, then the targets of backward and indirect jumps, as many as fit. A region that
 * starts with a system call is one for threads that make it again, or go on behind it.
 */
export function buildFlow(cfg: Cfg): Flow {
  const { blocks, start } = cfg;
  const returns = new Set<number>();
  const headers = new Set<number>();
  const indirect = new Set<number>();
  const loops = new Loops(cfg);
  for (const block of blocks.values()) {
    const { end } = block;
    if (end.kind === "call" || end.kind === "call register") returns.add(end.back);
    else if (end.kind === "ecall" && block.pc === start && block.steps.length === 0) headers.add(end.next);
    else if (end.kind === "jump register") for (const target of end.targets) indirect.add(target);
    else for (const to of block.next) if (loops.polls(block, to)) headers.add(to);
  }
  const known = (pc: number) => blocks.has(pc);
  const wanted = [...returns, ...headers, ...indirect].filter((pc) => enterable(blocks.get(pc)) && pc !== start);
  return new Linker(cfg, loops, {
    entries: [start, ...new Set(wanted)].slice(0, MAX_ENTRIES),
    returns,
    hubTargets: [...indirect].filter(known).slice(0, MAX_HUB_TARGETS),
  }).link();
}

/** Whether entering at a block gets anywhere. One that only asks for the interpreter would be asked for again and again. */
function enterable(block: Block | undefined): boolean {
  return block !== undefined && !(block.steps.length === 0 && block.end.kind === "interpret");
}

/** The loops of a region. */
export class Loops {
  /** Place of each block in an order in which each cycle leads back somewhere: to its header, if it has but one. */
  private readonly position = new Map<number, number>();

  constructor({ blocks, start }: Cfg) {
    const pcs = [...blocks.keys()];
    const index = new Map(pcs.map((pc, at) => [pc, at]));
    const graph = Array.from(blocks.values(), ({ next }) => known(index, next));
    for (const [position, at] of reversePostorder(graph, index.get(start)!).entries())
      this.position.set(pcs[at]!, position);
  }

  /** Whether one of the edges behind a block polls. */
  pollsBehind(block: Block): boolean {
    const { next } = block;
    for (let i = 0; i < next.length; i++) if (this.polls(block, next[i]!)) return true;
    return false;
  }

  /** Whether going from a block to an address is where a loop polls: each cycle has such an edge, or goes through the hub. */
  polls({ pc, end }: Block, to: number): boolean {
    const position = this.position.get(to);
    return end.kind !== "jump register" && position !== undefined && position <= this.position.get(pc)!;
  }
}

/** The numbers of those addresses that have one. */
function known(numbers: ReadonlyMap<number, number>, pcs: readonly number[]): number[] {
  const found: number[] = [];
  for (let i = 0; i < pcs.length; i++) {
    const number = numbers.get(pcs[i]!);
    if (number !== undefined) found.push(number);
  }
  return found;
}

class Linker {
  private readonly cfg: Cfg;
  private readonly loops: Loops;
  private readonly plan: Plan;
  private readonly nodes: FlowNode[] = [makeNode("root")];
  private readonly blockNode = new Map<number, number>();
  /** Where calls return to. */
  private readonly returnNode = new Map<number, number>();
  private readonly arms: number[] = [];
  private resumeNode: number | undefined;
  private firstResumed = 0;
  private hubNode: number | undefined;
  private leaveNode: number | undefined;

  constructor(cfg: Cfg, loops: Loops, plan: Plan) {
    this.cfg = cfg;
    this.loops = loops;
    this.plan = plan;
  }

  link(): Flow {
    const { entries, returns, hubTargets } = this.plan;
    const viaHub = new Set(hubTargets);
    for (const [number, pc] of entries.entries()) {
      const role = number === 0 ? "start" : returns.has(pc) ? "return" : "resume";
      const node = this.addEntry(role, number, pc, role === "resume" && viaHub.has(pc));
      if (role === "return") this.returnNode.set(pc, node);
      if (role !== "resume") this.firstResumed = number + 1;
    }
    for (const pc of returns) {
      if (!this.cfg.blocks.has(pc) || this.returnNode.has(pc)) continue;
      this.returnNode.set(pc, this.addEntry("return", undefined, pc, false));
    }
    if (this.firstResumed < entries.length) this.resumeNode = this.add(makeNode("resume"));
    for (const block of this.cfg.blocks.values())
      this.blockNode.set(block.pc, this.add(makeNode("block", block.pc, block)));
    const hub = hubTargets.length === 0 ? undefined : buildHubTable(hubTargets);
    if (hub !== undefined) {
      this.hubNode = this.add(makeNode("hub"));
      for (const targets of hub.buckets)
        if (targets.length > 0) this.arms.push(this.add(makeNode("arm", 0, undefined, targets)));
      this.leaveNode = this.add(makeNode("leave"));
    }
    const successors = this.nodes.map((node) => this.successorsOf(node));
    const { nodes, firstResumed, blockNode, loops } = this;
    return { loops, nodes, successors, entries, firstResumed, hub, indirect: viaHub, blockNode };
  }

  private add(node: FlowNode): number {
    return this.nodes.push(node) - 1;
  }

  private addEntry(role: FlowNode["role"], number: number | undefined, pc: number, viaHub: boolean): number {
    return this.add({ kind: "entry", role, number, pc, viaHub, block: undefined, targets: NOWHERE });
  }

  private entryNodes(from: number, to: number): number[] {
    return Array.from({ length: to - from }, (_, i) => 1 + from + i);
  }

  private successorsOf(node: FlowNode): readonly number[] {
    switch (node.kind) {
      case "root":
        return this.entryNodes(0, this.firstResumed).concat(this.resumeNode ?? []);
      case "resume":
        return this.entryNodes(this.firstResumed, this.plan.entries.length);
      case "entry":
        return [node.viaHub ? this.hubNode! : this.blockNode.get(node.pc)!];
      case "hub":
        return [...this.arms, this.leaveNode!];
      case "arm":
        return [...node.targets.map((pc) => this.blockNode.get(pc)!), this.leaveNode!];
      case "leave":
        return [];
      default:
        return this.successorsOfBlock(node.block!);
    }
  }

  private successorsOfBlock({ end, next }: Block): readonly number[] {
    switch (end.kind) {
      case "call":
      case "call register": {
        const back = this.returnNode.get(end.back);
        return back === undefined ? [] : [back];
      }
      case "jump register":
        return this.hubNode === undefined ? [] : [this.hubNode];
      default:
        return known(this.blockNode, next);
    }
  }
}
