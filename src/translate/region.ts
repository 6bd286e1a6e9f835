/** Builds the wasm function of a region. */
import { CodeBuilder, type Label, type Local } from "../base/wasm/code.ts";
import type { Block, Cfg, Terminator } from "./cfg.ts";
import type { ModuleContext } from "./context.ts";
import { buildFlow, type Flow, type FlowNode } from "./flow.ts";
import { hoistedChecks } from "./hoist.ts";
import { analyse, type Liveness } from "./liveness.ts";
import { analyseNarrow } from "./narrow.ts";
import { type Polls, planPolls } from "./polls.ts";
import { makeReducible } from "./reducible.ts";
import { RegionEmitter, type SpillsAll } from "./region-emitter.ts";
import { loadedAt, mayRecurse, zeroExtension } from "./region-facts.ts";
import type { RegisterSet } from "./register-set.ts";
import type { Step } from "./step.ts";
import { type Exits, emitStructured } from "./structure.ts";
import { type RegisterSets, summarise } from "./summary.ts";
import { Transfer } from "./transfer.ts";
import { analyseTrust } from "./trust.ts";

/** A region's function and where it can be entered. */
export interface BuiltRegion {
  readonly code: CodeBuilder;
  /** Addresses by entry number. */
  readonly entries: readonly number[];
}

/** Bytes of wasm that a block usually takes. */
const BYTES_OF_BLOCK = 160;

const SP = 2;
const A0 = 10;

/** The entry node of the function's start: the first behind the root. */
const START_NODE = 1;

export function buildRegion(cfg: Cfg, context: ModuleContext): BuiltRegion {
  const flow = buildFlow(cfg);
  const builder = new RegionBuilder(cfg, flow, context);
  return { code: builder.build(), entries: flow.entries };
}

class RegionBuilder {
  private readonly cfg: Cfg;
  private readonly flow: Flow;
  private readonly context: ModuleContext;
  private readonly liveness: Liveness;
  private readonly code: CodeBuilder;
  /** The parameter: an entry number, or anything from 0x10000 for the start. Later where dispatch nodes go on. */
  private readonly label: Local = 0;
  private readonly transfer: Transfer;
  private readonly emitter: RegionEmitter;
  private readonly narrow: Int32Array;
  private readonly calls: boolean;
  private readonly polls: Polls;
  /** Where polls leave, by place. */
  private readonly places: Label[] = [];
  private readonly trusted: Int32Array;
  /** What nodes load from the register file. */
  private readonly loaded: RegisterSets;
  /** Checks that whoever goes to a node from elsewhere does for it. */
  private readonly checks: Int32Array;

  constructor(cfg: Cfg, flow: Flow, context: ModuleContext) {
    this.cfg = cfg;
    this.flow = flow;
    this.context = context;
    this.code = new CodeBuilder(["i32"], cfg.blocks.size * BYTES_OF_BLOCK);
    this.transfer = new Transfer(this.code, context);
    const { nodes, indirect } = flow;
    const { options } = context;
    const summary = summarise(flow, options);
    this.liveness = analyse(flow, summary);
    this.narrow = analyseNarrow(flow);
    this.emitter = new RegionEmitter(this.code, context);
    this.checks = new Int32Array(nodes.length);
    let calls = false;
    for (let n = 0; n < nodes.length; n++) {
      const { block } = nodes[n]!;
      if (block === undefined) continue;
      calls ||= mayRecurse(block, flow);
      if (!indirect.has(block.pc)) this.checks[n] = hoistedChecks(block);
    }
    this.calls = calls;
    this.trusted = options.policy === "null" ? analyseTrust(flow, summary.writes.x, this.checks) : this.checks;
    this.loaded = loadedAt(flow, this.liveness.liveIn);
    this.polls = planPolls({
      flow,
      dirtyIn: this.liveness.dirtyIn,
      writes: summary.writes,
      loaded: this.loaded,
      guard: calls ? START_NODE : undefined,
    });
  }

  build(): CodeBuilder {
    const labels = new Map<number, number>();
    for (const [n, { number }] of this.flow.nodes.entries()) if (number !== undefined) labels.set(n, number);
    for (let i = 0; i < this.polls.places.length; i++) this.places.push(this.code.open("block"));
    emitStructured(this.code, makeReducible(this.flow.successors, labels), this.label, {
      emitNode: (n, exits) => this.emitNode(n, this.flow.nodes[n]!, exits),
      lastSuccessor: (n) => this.lastSuccessor(n, this.flow.nodes[n]!),
    });
    for (let i = this.places.length; i-- > 0; ) this.emitPlace(this.polls.places[i]!);
    return this.code;
  }

  /** What stands behind the block that polls branch to, with the address to go on at in `result`. */
  private emitPlace(spilled: RegisterSet): void {
    const { code, context, emitter } = this;
    code.close();
    emitter.beginBlock();
    emitter.spill(spilled.x, spilled.f);
    code.get(this.transfer.result).op("i64_extend_i32_u").i32(context.target.exit.POLL);
    code.returnCall(context.functions.leave);
  }

  /** See {@link NodeEmitter.lastSuccessor}. */
  private lastSuccessor(n: number, node: FlowNode): number {
    if (node.kind === "root" || node.kind === "resume" || node.kind === "hub") return -1;
    if (node.kind === "arm") return node.targets.length;
    if (node.block?.end.kind !== "branch") return 0;
    const { taken, next } = node.block.end;
    const last = this.flow.blockNode.get(next);
    return last === undefined || taken === next ? -1 : this.flow.successors[n]!.indexOf(last);
  }

  private emitNode(n: number, node: FlowNode, exits: Exits): void {
    switch (node.kind) {
      case "root":
        this.emitRoot(exits);
        return;
      case "resume":
        this.emitResume(n, exits);
        return;
      case "entry":
        this.emitEntry(n, node, exits);
        return;
      case "hub":
        this.emitHub(n, exits);
        return;
      case "arm":
        for (const [i, pc] of node.targets.entries()) {
          this.code.get(this.transfer.target).i64(pc).op("i64_eq");
          this.code.if("void", () => exits.go(i));
        }
        exits.go(node.targets.length);
        return;
      case "leave":
        this.emitter.beginBlock();
        this.spillDirtyIn(n);
        this.transfer.jumpToTarget();
        return;
      default:
        this.emitBlock(n, node.block!, exits);
    }
  }

  private spillDirtyIn(n: number): void {
    const { x, f } = this.liveness.dirtyIn;
    this.emitter.spill(x[n]!, f[n]!);
  }

  private emitRoot(exits: Exits): void {
    const { entries, firstResumed } = this.flow;
    this.code.get(this.label);
    exits.table(
      entries.map((_, number) => Math.min(number, firstResumed)),
      0,
    );
  }

  private emitResume(n: number, exits: Exits): void {
    const { firstResumed, successors } = this.flow;
    this.emitter.loadRegisters(this.loaded.x[n]!, this.loaded.f[n]!);
    this.code.get(this.label).i32(firstResumed).op("i32_sub");
    exits.table(
      successors[n]!.map((_, i) => i),
      0,
    );
  }

  private emitEntry(n: number, node: FlowNode, exits: Exits): void {
    const { emitter } = this;
    const next = this.flow.successors[n]![0]!;
    emitter.beginBlock(1, this.trusted[n]!);
    if (node.role !== "resume") {
      emitter.loadRegisters(this.loaded.x[n]!, this.loaded.f[n]!);
      if (node.role === "start") this.guardStack(n);
      emitter.memory.checkBefore(this.checks[next]!);
    }
    if (node.viaHub) this.code.i64(node.pc).set(this.transfer.target);
    exits.go(0);
  }

  /** Leaves for a poll if sp is not in the range that the dispatcher allowed, or fuel is used up. */
  private guardStack(n: number): void {
    if (!this.calls) return;
    const { code, context } = this;
    const { hart } = context.target;
    if (this.loaded.x[n]! & (1 << SP)) code.get(this.emitter.integerLocal(SP)).op("i32_wrap_i64");
    else code.i32(0).memRelocatable("i32_load", hart.x + SP * 8);
    code.i32(0).memRelocatable("i32_load", hart.stackLow).op("i32_sub");
    code.i32(0).memRelocatable("i32_load", hart.stackSize).op("i32_gt_u");
    // A recursion without loops passes no other poll.
    this.pushPolled();
    code.op("i32_or").if("void", () => this.leaveAt(n, this.cfg.start));
  }

  /** Leaves for a poll with everything spilled that is dirty behind a node. */
  private leaveAt(n: number, pc: number): void {
    this.code.i32(pc).set(this.transfer.result).br(this.places[this.polls.placeOf[n]!]!);
  }

  private emitHub(n: number, exits: Exits): void {
    const { code, context } = this;
    const table = this.flow.hub!;
    this.emitter.beginBlock();
    this.ifPolled(() => {
      this.spillDirtyIn(n);
      code.get(this.transfer.target).i32(context.target.exit.POLL).call(context.functions.leave).op("return");
    });
    code.get(this.transfer.target).op("i32_wrap_i64").i32(table.multiplier).op("i32_mul");
    code.i32(table.shift).op("i32_shr_u");
    let arm = 0;
    const cases = table.buckets.map((targets) => (targets.length > 0 ? arm++ : undefined));
    exits.table(cases, arm);
  }

  private emitBlock(n: number, block: Block, exits: Exits): void {
    const { emitter } = this;
    const { dirtyIn } = this.liveness;
    emitter.beginBlock(this.narrow[n]!, this.trusted[n]!, dirtyIn.x[n]!, dirtyIn.f[n]!);
    this.countInstructions(block.count);
    const spillsAll = this.spillsAll(block.end);
    emitter.planBlock(block, spillsAll);
    const { steps } = block;
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i]!;
      const shift = zeroExtension(step, steps[i + 1]);
      if (shift === undefined) emitter.emit(step, i);
      else emitter.emitZeroExtended(steps[++i]!, i, step.rs1, shift);
    }
    this.emitEnd(n, block, exits);
  }

  /** Whether everything is spilled at the end of a block; "for good" if no local is read behind it. */
  private spillsAll(end: Terminator): SpillsAll {
    switch (end.kind) {
      case "jump":
        return this.flow.blockNode.has(end.to) ? "no" : "for good";
      case "branch":
        return "no";
      case "jump register":
        return this.flow.hub === undefined ? "for good" : "no";
      case "ecall":
        return "yes";
      default:
        return "for good";
    }
  }

  private countInstructions(count: number): void {
    const { code, context } = this;
    const { hart } = context.target;
    if (context.options.poll === "fuel") {
      code.i32(0).i32(0).memRelocatable("i32_load", hart.fuel).i32(count).op("i32_sub");
      code.memRelocatable("i32_store", hart.fuel);
    }
    if (!context.options.count) return;
    code.i32(0).i32(0).memRelocatable("i64_load", hart.retired).i64(count).op("i64_add");
    code.memRelocatable("i64_store", hart.retired);
  }

  private emitEnd(n: number, block: Block, exits: Exits): void {
    const { emitter, code, context } = this;
    const { exit } = context.target;
    const { end } = block;
    switch (end.kind) {
      case "jump":
        this.goTo(n, block, end.to, exits);
        return;
      case "branch":
        this.emitBranch(n, block, end, exits);
        return;
      case "call":
        this.setLink(end.step, end.back);
        emitter.spillDirty();
        this.transfer.callRegion(end.target);
        this.returned(n, end.back, exits);
        return;
      case "call register":
        emitter.jumpTarget(end.step);
        code.set(this.transfer.target);
        this.setLink(end.step, end.back);
        emitter.spillDirty();
        this.transfer.callTarget();
        this.returned(n, end.back, exits);
        return;
      case "jump register":
        emitter.jumpTarget(end.step);
        code.set(this.transfer.target);
        if (this.flow.hub !== undefined) exits.go(0);
        else {
          emitter.spillDirty();
          this.transfer.jumpToTarget();
        }
        return;
      case "return":
        emitter.spillDirty();
        emitter.jumpTarget(end.step);
        this.transfer.returnTo();
        return;
      case "ecall":
        this.systemCall(n, block, end.next, exits);
        return;
      case "breakpoint":
        emitter.exit(end.pc, exit.BREAKPOINT);
        return;
      case "illegal":
        emitter.exit(end.pc, exit.ILLEGAL);
        return;
      case "fence.i":
        emitter.exit(end.next, exit.FENCE);
        return;
      case "interpret":
        emitter.spillDirty();
        code.i32(end.pc).op("return");
    }
  }

  private emitBranch(n: number, block: Block, end: Terminator & { kind: "branch" }, exits: Exits): void {
    const { emitter, code } = this;
    const label = this.plainTarget(n, block, end.taken, exits);
    if (label !== undefined) {
      emitter.condition(end.step);
      code.brIf(label);
    } else {
      emitter.condition(end.step);
      code.if("void", () => this.goTo(n, block, end.taken, exits));
    }
    this.goTo(n, block, end.next, exits);
  }

  /** The label that {@link goTo} would branch to, if it did nothing else. */
  private plainTarget(n: number, block: Block, to: number, exits: Exits): Label | undefined {
    const node = this.flow.blockNode.get(to);
    if (node === undefined || this.flow.loops.polls(block, to)) return undefined;
    if (block.pc !== to && this.checks[node]! & ~this.emitter.memory.trust.set) return undefined;
    return exits.labelOf(this.flow.successors[n]!.indexOf(node));
  }

  /** Goes to an address: to its block, polling on the way round a loop, or out of the region. */
  private goTo(n: number, block: Block, to: number, exits: Exits): void {
    const node = this.flow.blockNode.get(to);
    if (node === undefined) {
      this.emitter.spillDirty();
      this.transfer.jumpToRegion(to);
      return;
    }
    if (this.flow.loops.polls(block, to)) this.ifPolled(() => this.leaveAt(n, to));
    if (block.pc !== to) this.emitter.memory.checkBefore(this.checks[node]!);
    exits.go(this.flow.successors[n]!.indexOf(node));
  }

  /** Pushes whether a poll is asked for. */
  private pushPolled(): void {
    const { code, context } = this;
    const { hart } = context.target;
    if (context.options.poll === "fuel") code.i32(0).memRelocatable("i32_load", hart.fuel).i32(0).op("i32_le_s");
    else code.i32(0).memRelocatable("i32_load", hart.poll);
  }

  private ifPolled(leave: () => void): void {
    this.pushPolled();
    this.code.if("void", leave);
  }

  private setLink(step: Step, back: number): void {
    this.emitter.setLink(step.rd, back);
  }

  /** Goes on behind a call whose result is on the stack, if it returned here; else hands the result to our caller. */
  private returned(n: number, back: number, exits: Exits): void {
    const { code } = this;
    if (this.flow.successors[n]!.length === 0) {
      code.op("return");
      return;
    }
    this.transfer.expect(back);
    exits.go(0);
  }

  private systemCall(n: number, block: Block, next: number, exits: Exits): void {
    const { code, context, emitter } = this;
    emitter.spillDirty();
    code.i32(0).i64(next).memRelocatable("i64_store", context.target.hart.pc);
    code.call(context.functions.syscall);
    code.if("void", () => code.i32(1).op("return"));
    const node = this.flow.blockNode.get(next);
    if (node !== undefined && this.liveness.liveIn.x[node]! & (1 << A0)) emitter.reloadResult();
    emitter.afterSystemCall();
    this.goTo(n, block, next, exits);
  }
}
