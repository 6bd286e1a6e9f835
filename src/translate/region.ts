/** Builds the wasm function of a region. */
import { CodeBuilder, type Label, type Local } from "../base/wasm/code.ts";
import type { Block, Cfg, Terminator } from "./cfg.ts";
import type { ModuleContext } from "./context.ts";
import { buildFlow, type Flow, type FlowNode } from "./flow.ts";
import { makeReducible } from "./reducible.ts";
import { RegionEmitter } from "./region-emitter.ts";
import { analyseRegion, type RegionFacts } from "./region-facts.ts";
import { NONE, type RegisterSet, SP } from "./register-set.ts";
import type { BlockState } from "./register-state.ts";
import type { BlockEnd } from "./result-plan.ts";
import { zeroExtension } from "./step.ts";
import { type Exits, emitStructured } from "./structure.ts";
import { Transfer } from "./transfer.ts";

/** A region's function and where it can be entered. */
export interface BuiltRegion {
  readonly code: CodeBuilder;
  /** Addresses by entry number. */
  readonly entries: readonly number[];
}

/** Bytes of wasm that a block usually takes. */
const BYTES_OF_BLOCK = 160;

/** The first parameter. */
const SP_LOCAL: Local = 0;

export function buildRegion(cfg: Cfg, context: ModuleContext): BuiltRegion {
  const flow = buildFlow(cfg);
  const builder = new RegionBuilder(cfg, flow, context);
  return { code: builder.build(), entries: flow.entries };
}

class RegionBuilder {
  private readonly cfg: Cfg;
  private readonly flow: Flow;
  private readonly context: ModuleContext;
  private readonly facts: RegionFacts;
  private readonly code: CodeBuilder;
  /** The second parameter: an entry number, or anything from 0x10000 for the start. Later where dispatch nodes go on. */
  private readonly label: Local = 1;
  private readonly transfer: Transfer;
  private readonly emitter: RegionEmitter;
  /** Where polls leave, by place. */
  private readonly places: Label[] = [];

  constructor(cfg: Cfg, flow: Flow, context: ModuleContext) {
    this.cfg = cfg;
    this.flow = flow;
    this.context = context;
    this.code = new CodeBuilder(["i64", "i32"], cfg.blocks.size * BYTES_OF_BLOCK);
    this.emitter = new RegionEmitter(this.code, context, SP_LOCAL);
    this.transfer = new Transfer(this.code, context, this.emitter.registers);
    this.facts = analyseRegion(flow, context);
  }

  build(): CodeBuilder {
    const labels = new Map<number, number>();
    for (const [n, { number }] of this.flow.nodes.entries()) if (number !== undefined) labels.set(n, number);
    for (let i = 0; i < this.facts.polls.places.length; i++) this.places.push(this.code.open("block"));
    emitStructured(this.code, makeReducible(this.flow.successors, labels), this.label, {
      emitNode: (n, exits) => this.emitNode(n, this.flow.nodes[n]!, exits),
      lastSuccessor: (n) => this.lastSuccessor(n, this.flow.nodes[n]!),
    });
    for (let i = this.places.length; i-- > 0; ) this.emitPlace(this.facts.polls.places[i]!);
    return this.code;
  }

  /** What stands behind the block that polls branch to, with the address to go on at in `result`. */
  private emitPlace(spilled: RegisterSet): void {
    const { code, context, emitter } = this;
    code.close();
    emitter.beginBlock();
    emitter.registers.store(spilled.x, spilled.f);
    code.get(this.transfer.result).i32(context.target.exit.POLL);
    code.returnCall(context.functions.leave);
  }

  /** See {@link NodeEmitter.lastSuccessor}. */
  private lastSuccessor(n: number, node: FlowNode): number {
    if (node.kind === "root") return this.flow.entries.length > 1 ? -1 : 0;
    if (node.kind === "resume" || node.kind === "hub") return -1;
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
        this.emitter.beginBlock(this.stateAt(n));
        for (const [i, pc] of node.targets.entries()) {
          this.code.get(this.transfer.target).i64(pc).op("i64_eq");
          this.code.if("void", () => this.pass(n, i, exits));
        }
        this.pass(n, node.targets.length, exits);
        return;
      case "leave":
        this.emitter.beginBlock(this.stateAt(n));
        this.emitter.registers.storeDirty();
        this.transfer.jumpToTarget();
        return;
      default:
        this.emitBlock(n, node.block!, exits);
    }
  }

  private stateAt(n: number): BlockState {
    const { held, dirty } = this.facts.residency;
    return {
      heldX: held.x[n]!,
      heldF: held.f[n]!,
      dirtyX: dirty.x[n]!,
      dirtyF: dirty.f[n]!,
      narrow: this.facts.narrow[n]!,
    };
  }

  /** Goes to a successor by its index, with those registers in locals that it holds. */
  private pass(n: number, index: number, exits: Exits): void {
    this.emitter.registers.passTo(this.stateAt(this.flow.successors[n]![index]!));
    exits.go(index);
  }

  private emitRoot(exits: Exits): void {
    const { entries, firstResumed } = this.flow;
    const choose = () => {
      this.code.get(this.label);
      exits.table(
        entries.map((_, number) => Math.min(number, firstResumed)),
        0,
      );
    };
    if (entries.length > 1) this.code.get(this.label).i32(entries.length).op("i32_lt_u").if("void", choose);
    exits.go(0);
  }

  /** Loads what any of the entries behind needs. */
  private emitResume(n: number, exits: Exits): void {
    const { firstResumed, successors } = this.flow;
    const { held } = this.facts.residency;
    let [x, f] = [0, 0];
    for (const entry of successors[n]!) {
      const to = successors[entry]![0]!;
      x |= held.x[to]!;
      f |= held.f[to]!;
    }
    this.emitter.registers.load(x & ~(1 << SP), f);
    this.code.get(this.label).i32(firstResumed).op("i32_sub");
    exits.table(
      successors[n]!.map((_, i) => i),
      0,
    );
  }

  private emitEntry(n: number, node: FlowNode, exits: Exits): void {
    const { emitter } = this;
    const { behind, held } = this.facts.residency;
    const next = this.flow.successors[n]![0]!;
    const heldX = behind.x[n]!;
    const heldF = behind.f[n]!;
    emitter.beginBlock({ heldX, heldF, dirtyX: 0, dirtyF: 0, narrow: 1 });
    if (node.role !== "resume") {
      if (node.role === "start" && this.facts.guard !== "none") this.guard(n, this.facts.guard);
      emitter.registers.require(held.x[next]!, held.f[next]!);
    }
    if (node.viaHub) this.code.i64(node.pc).set(this.transfer.target);
    exits.go(0);
  }

  /**
   * Leaves for a poll where it is asked for, or sp is not in the range that the dispatcher allowed. Who raises the poll word
   * closes that range too; fuel runs out by itself.
   */
  private guard(n: number, guard: "stack" | "poll"): void {
    const { code, context } = this;
    const { hart } = context.target;
    if (guard === "stack") {
      this.emitter.registers.pushWord(SP);
      code.i32(0).memRelocatable("i32_load", hart.stackLow).op("i32_sub");
      code.i32(0).memRelocatable("i32_load", hart.stackSize).op("i32_ge_u");
    }
    if (guard === "poll" || context.options.poll === "fuel") this.pushPolled();
    if (guard === "stack" && context.options.poll === "fuel") code.op("i32_or");
    code.if("void", () => this.leaveAt(n, this.cfg.start));
  }

  /** Leaves for a poll with everything spilled that is dirty behind a node. */
  private leaveAt(n: number, pc: number): void {
    this.code.i64(pc).set(this.transfer.result).br(this.places[this.facts.polls.placeOf[n]!]!);
  }

  private emitHub(n: number, exits: Exits): void {
    const { code, context } = this;
    const table = this.flow.hub!;
    this.emitter.beginBlock(this.stateAt(n));
    this.ifPolled(() => {
      this.emitter.registers.storeDirty();
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
    emitter.beginBlock(this.stateAt(n));
    this.countInstructions(block.count);
    emitter.results.make(block, this.endOf(n, block.end));
    const { steps } = block;
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i]!;
      const shift = zeroExtension(step, steps[i + 1]);
      if (shift === undefined) emitter.emit(step, i);
      else emitter.emitZeroExtended(steps[++i]!, i, step.rs1, shift);
    }
    this.emitEnd(n, block, exits);
  }

  /** What is to be done by the end of a block; a system call comes back to the locals, but wants everything stored. */
  private endOf(n: number, { kind }: Terminator): BlockEnd {
    const { dropped } = this.facts.residency;
    if (kind === "ecall") return { stored: { x: -1, f: -1 }, lost: NONE };
    const set = { x: dropped.x[n]!, f: dropped.f[n]! };
    // sp is passed on from its local, wherever control goes.
    return { stored: set, lost: { x: set.x & ~(1 << SP), f: set.f } };
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
    const { registers } = emitter;
    const { exit } = context.target;
    const { end } = block;
    switch (end.kind) {
      case "jump":
        this.storeDropped(n);
        this.goTo(n, block, end.to, exits);
        return;
      case "branch":
        this.storeDropped(n);
        this.emitBranch(n, block, end, exits);
        return;
      case "call":
        emitter.setLink(end.step, end.back);
        registers.storeDirty();
        this.transfer.callRegion(end.target);
        this.returned(n, block, end.back, exits);
        return;
      case "call register":
        emitter.jumpTarget(end.step);
        code.set(this.transfer.target);
        emitter.setLink(end.step, end.back);
        registers.storeDirty();
        this.transfer.callTarget(end.seen);
        this.returned(n, block, end.back, exits);
        return;
      case "jump register":
        this.storeDropped(n);
        emitter.jumpTarget(end.step);
        code.set(this.transfer.target);
        if (this.flow.hub !== undefined) this.pass(n, 0, exits);
        else this.transfer.jumpToTarget(end.seen);
        return;
      case "return":
        registers.storeDirty();
        registers.push(SP);
        emitter.jumpTarget(end.step);
        code.op("return");
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
        registers.storeDirty();
        registers.push(SP);
        code.i64(end.pc).op("return");
    }
  }

  /** Stores what no node behind holds. */
  private storeDropped(n: number): void {
    const { dropped } = this.facts.residency;
    this.emitter.registers.clean(dropped.x[n]!, dropped.f[n]!);
  }

  private emitBranch(n: number, block: Block, end: Terminator & { kind: "branch" }, exits: Exits): void {
    const { emitter, code } = this;
    emitter.registers.require(end.step.reads.x, 0);
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
    if (this.emitter.registers.mustPass(this.stateAt(node))) return undefined;
    return exits.labelOf(this.flow.successors[n]!.indexOf(node));
  }

  /** Goes to an address: to its block, polling on the way round a loop, or out of the region. */
  private goTo(n: number, block: Block, to: number, exits: Exits): void {
    const node = this.flow.blockNode.get(to);
    const { registers } = this.emitter;
    if (node === undefined) {
      registers.storeDirty();
      this.transfer.jumpToRegion(to);
      return;
    }
    if (this.flow.loops.polls(block, to)) this.ifPolled(() => this.leaveAt(n, to));
    registers.passTo(this.stateAt(node));
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

  /** Goes on behind a call whose results are on the stack, if it returned here; else hands them to our caller. */
  private returned(n: number, block: Block, back: number, exits: Exits): void {
    const { code } = this;
    if (this.flow.successors[n]!.length === 0) {
      code.op("return");
      return;
    }
    this.transfer.expect(back);
    if (this.flow.loops.polls(block, back)) this.ifPolled(() => this.leaveAt(n, back));
    exits.go(0);
  }

  private systemCall(n: number, block: Block, next: number, exits: Exits): void {
    const { code, context, emitter } = this;
    emitter.registers.storeDirty();
    code.i32(0).i64(next).memRelocatable("i64_store", context.target.hart.pc);
    code.call(context.functions.syscall);
    code.if("void", () => code.get(SP_LOCAL).i64(1).op("return"));
    emitter.afterSystemCall();
    this.goTo(n, block, next, exits);
  }
}
