/**
 * The flow graph of a region's wasm function.
 *
 * Besides a node for each guest block it has: a root, from which the function's entries are chosen; a node for each
 * entry; a node that loads registers where the function is resumed, which is rare; and a hub, through which jumps to addresses in registers go,
 * with an arm for each bucket of its hash table.
 */
import { type Block, type Cfg, successors } from "./cfg.ts";
import { buildHubTable, type HubTable } from "./hub.ts";

export type FlowNode =
  | { readonly kind: "root" }
  /**
   * Where the function begins, where a call returns to, or where it is resumed elsewhere; `number` is its entry number, 0 for
   * the start, undefined if only calls return to it. Start and returns load registers. With `viaHub` it goes on through the
   * hub, so that a loop around the hub keeps its single header.
   */
  | {
      readonly kind: "entry";
      readonly role: "start" | "return" | "resume";
      readonly number: number | undefined;
      readonly pc: number;
      readonly viaHub: boolean;
    }
  /** Loads what the entries that resume need, and goes on to one of them. */
  | { readonly kind: "resume" }
  | { readonly kind: "block"; readonly block: Block }
  | { readonly kind: "hub" }
  | { readonly kind: "arm"; readonly targets: readonly number[] }
  /** Leaves for the address that an indirect jump computed. */
  | { readonly kind: "leave" };

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

/** Builds the graph. Call returns are entries first, then the targets of backward and indirect jumps, as many as fit. */
export function buildFlow(cfg: Cfg): Flow {
  const { blocks, start } = cfg;
  const returns = new Set<number>();
  const headers = new Set<number>();
  const indirect = new Set<number>();
  for (const block of blocks.values()) {
    const { end } = block;
    if (end.kind === "call" || end.kind === "call register") returns.add(end.back);
    else if (end.kind === "jump register") for (const target of end.targets) indirect.add(target);
    else for (const to of successors(end)) if (isBackward(block, to)) headers.add(to);
  }
  const known = (pc: number) => blocks.has(pc);
  const wanted = [...returns, ...headers, ...indirect].filter((pc) => enterable(blocks.get(pc)) && pc !== start);
  return new Linker(cfg, {
    entries: [start, ...new Set(wanted)].slice(0, MAX_ENTRIES),
    returns,
    hubTargets: [...indirect].filter(known).slice(0, MAX_HUB_TARGETS),
  }).link();
}

/** Whether entering at a block gets anywhere. One that only asks for the interpreter would be asked for again and again. */
function enterable(block: Block | undefined): boolean {
  return block !== undefined && !(block.steps.length === 0 && block.end.kind === "interpret");
}

/** Whether going from a block to an address is where a loop polls: each cycle has such an edge. */
export function isBackward(block: Block, to: number): boolean {
  return to <= block.pc;
}

class Linker {
  private readonly cfg: Cfg;
  private readonly plan: Plan;
  private readonly nodes: FlowNode[] = [{ kind: "root" }];
  private readonly blockNode = new Map<number, number>();
  /** Where calls return to. */
  private readonly returnNode = new Map<number, number>();
  private readonly arms: number[] = [];
  private resumeNode: number | undefined;
  private firstResumed = 0;
  private hubNode: number | undefined;
  private leaveNode: number | undefined;

  constructor(cfg: Cfg, plan: Plan) {
    this.cfg = cfg;
    this.plan = plan;
  }

  link(): Flow {
    const { entries, returns, hubTargets } = this.plan;
    const viaHub = new Set(hubTargets);
    for (const [number, pc] of entries.entries()) {
      const role = number === 0 ? "start" : returns.has(pc) ? "return" : "resume";
      const node = this.add({ kind: "entry", role, number, pc, viaHub: role === "resume" && viaHub.has(pc) });
      if (role === "return") this.returnNode.set(pc, node);
      if (role !== "resume") this.firstResumed = number + 1;
    }
    for (const pc of returns) {
      if (!this.cfg.blocks.has(pc) || this.returnNode.has(pc)) continue;
      this.returnNode.set(pc, this.add({ kind: "entry", role: "return", number: undefined, pc, viaHub: false }));
    }
    if (this.firstResumed < entries.length) this.resumeNode = this.add({ kind: "resume" });
    for (const block of this.cfg.blocks.values()) this.blockNode.set(block.pc, this.add({ kind: "block", block }));
    const hub = hubTargets.length === 0 ? undefined : buildHubTable(hubTargets);
    if (hub !== undefined) {
      this.hubNode = this.add({ kind: "hub" });
      for (const targets of hub.buckets) if (targets.length > 0) this.arms.push(this.add({ kind: "arm", targets }));
      this.leaveNode = this.add({ kind: "leave" });
    }
    const successors = this.nodes.map((node) => this.successorsOf(node));
    const { nodes, firstResumed, blockNode } = this;
    return { nodes, successors, entries, firstResumed, hub, indirect: viaHub, blockNode };
  }

  private add(node: FlowNode): number {
    return this.nodes.push(node) - 1;
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
        return this.successorsOfBlock(node.block);
    }
  }

  private successorsOfBlock({ end }: Block): readonly number[] {
    switch (end.kind) {
      case "call":
      case "call register": {
        const back = this.returnNode.get(end.back);
        return back === undefined ? [] : [back];
      }
      case "jump register":
        return this.hubNode === undefined ? [] : [this.hubNode];
      default:
        return successors(end)
          .map((pc) => this.blockNode.get(pc))
          .filter((node) => node !== undefined);
    }
  }
}
