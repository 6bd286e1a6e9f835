/** Lowers instructions of a region: registers are wasm locals, operands are known. */
import type { CodeBuilder, Local } from "../base/wasm/code.ts";
import type { MemOpName, OpName } from "../base/wasm/opcodes.ts";
import type { Emitter, FmaMode, HartLong, HartWord, Source } from "../isa/index.ts";
import type { Block } from "./cfg.ts";
import type { ModuleContext } from "./context.ts";
import { MemoryEmitter } from "./memory-emitter.ts";
import { isResultNarrow, type NarrowSet, narrowAfter, wordForm } from "./narrow.ts";
import { each, NONE } from "./register-set.ts";
import { Constants, constantOf, type Step } from "./step.ts";
import type { TrustSet } from "./trust.ts";

const BOX = 0xffff_ffff_0000_0000n;
const QUIET_NAN = 0x7fc0_0000;
const REGISTER_BYTES = 8;
const A0 = 10;

/** Whether everything is spilled at the end of a block; "for good" if no local is read behind it. */
export type SpillsAll = "no" | "yes" | "for good";

/** How the result of a step is kept. */
const STORES = 1;
const KEEPS = 2;
const KEEPS_CONSTANT = 4;

export class RegionEmitter implements Emitter {
  readonly code: CodeBuilder;
  readonly fma: FmaMode;
  readonly fflags: boolean;
  readonly roundsToNearest = true;
  readonly context: ModuleContext;
  readonly memory: MemoryEmitter;
  /** Constants in integer registers at this point of the block. */
  readonly constants = new Constants();
  /** Registers to spill at this point of the block. */
  private dirtyX = 0;
  private dirtyF = 0;
  /** How the result of each step of the block is kept; see {@link planBlock}. */
  private readonly plan: number[] = [];
  /** Whether the current instruction's result goes to the register file at once. */
  private stores = false;
  /** Whether its local is read later. */
  private keeps = true;
  /** Registers whose word local is valid. */
  private narrow: NarrowSet = 1;
  /** Whether the current instruction's result is to be kept in its word local too. */
  private narrows = false;
  private step!: Step;
  private readonly integerLocals: (Local | undefined)[] = [];
  private readonly wordLocals: (Local | undefined)[] = [];
  private readonly floatLocals: (Local | undefined)[] = [];
  /** Floating-point registers that are known to hold a NaN-boxed single. */
  private singles = 0;

  constructor(code: CodeBuilder, context: ModuleContext) {
    this.code = code;
    this.context = context;
    this.fma = context.options.fma;
    this.fflags = context.options.fflags;
    this.memory = new MemoryEmitter(this);
  }

  /** Forgets what was known along the block before. */
  beginBlock(narrow: NarrowSet = 1, trusted: TrustSet = 0, dirtyX = 0, dirtyF = 0): void {
    this.narrow = narrow;
    this.constants.clear();
    this.memory.trust.begin(trusted);
    this.singles = 0;
    this.dirtyX = dirtyX;
    this.dirtyF = dirtyF;
  }

  /**
   * Looks ahead at a block. Where everything is spilled at its end, the last result that a register gets goes to the register
   * file as soon as it is there, and to a local only if it is read again; so does no constant that is overwritten.
   */
  planBlock({ steps, end }: Block, spills: SpillsAll): void {
    const { plan } = this;
    const forGood = spills === "for good";
    const last = "step" in end ? end.step.reads : NONE;
    let readX = forGood ? last.x : -1;
    let readF = forGood ? last.f : -1;
    let writtenX = 0;
    let writtenF = 0;
    for (let i = steps.length; i-- > 0; ) {
      const { reads, writes } = steps[i]!;
      const overwritten = ((writes.x & writtenX) | (writes.f & writtenF)) !== 0;
      const kept = ((writes.x & readX) | (writes.f & readF)) !== 0;
      let how = spills !== "no" && !overwritten ? STORES : 0;
      if (kept || overwritten) how |= KEEPS;
      if (!overwritten && !forGood) how |= KEEPS_CONSTANT;
      plan[i] = how;
      writtenX |= writes.x;
      writtenF |= writes.f;
      readX |= reads.x;
      readF |= reads.f;
    }
  }

  /** Emits one instruction that writes no register of the block's plan, such as its last. */
  lower(step: Step): void {
    this.step = step;
    this.narrows = isResultNarrow(step, this.narrow);
    const form = wordForm(step, this.narrow);
    if (form === undefined) step.op.lower(this);
    else this.lowerWord(step, form);
  }

  /** Emits a bitwise instruction or a comparison in 32 bits. */
  private lowerWord(step: Step, form: OpName): void {
    const value = () => {
      this.xw("rs1");
      if (step.op.files.rs2 === undefined) this.immw();
      else this.xw("rs2");
      this.code.op(form);
    };
    if (step.op.kind === "branch") value();
    else if (step.op.name === "andi" && step.imm >= 0) this.setWord(value, "i64_extend_i32_u");
    else this.setXw(value);
  }

  /** Emits an instruction whose effects are straight-line, and follows what it makes known. */
  emit(step: Step, index: number): void {
    if (step.rd === 0 && step.op.kind === "op" && step.op.extension === "I") return;
    const plan = this.plan[index]!;
    this.stores = (plan & STORES) !== 0;
    this.keeps = (plan & KEEPS) !== 0;
    const constant = step.writes.x === 0 ? undefined : constantOf(step, this.constants.get);
    if (constant !== undefined) {
      this.step = step;
      this.setConstant(constant, (plan & KEEPS_CONSTANT) !== 0);
    } else if (step.op.name === "addi" && step.imm === 0) this.move(step);
    else this.lower(step);
    if (step.writes.x !== 0) this.constants.set(step.rd, constant);
    this.afterStep(step);
  }

  private setConstant(constant: number, keeps: boolean): void {
    const { code } = this;
    const { rd } = this.step;
    if (this.stores) {
      code.i32(0).i64(constant).memRelocatable("i64_store", this.placeOf(rd));
    }
    if (!keeps) return;
    code.i64(constant).set(this.integerLocal(rd));
    if (isResultNarrow(this.step, this.narrow)) code.i32(constant).set(this.wordLocal(rd));
  }

  private move(step: Step): void {
    if (step.rd === 0) return;
    this.step = step;
    this.narrows = false;
    this.setX(() => this.pushInteger(step.rs1));
    if (this.keeps && isResultNarrow(step, this.narrow)) {
      this.code.get(this.wordLocal(step.rs1)).set(this.wordLocal(step.rd));
    }
  }

  private afterStep(step: Step): void {
    this.memory.trust.follow(step);
    this.narrow = narrowAfter(step, this.narrow);
    this.followDirty(step);
  }

  private followDirty({ writes }: Step): void {
    this.dirtyX = this.stores ? this.dirtyX & ~writes.x : this.dirtyX | writes.x;
    this.dirtyF = this.stores ? this.dirtyF & ~writes.f : this.dirtyF | writes.f;
  }

  /** Gives the link register its value on the way of a call. */
  setLink(register: number, back: number): void {
    if (register === 0) return;
    this.constants.set(register, back);
    this.dirtyX |= 1 << register;
  }

  private placeOf(register: number): number {
    return this.context.target.hart.x + register * REGISTER_BYTES;
  }

  /** Emits where a jump to a register goes: an i64. */
  jumpTarget(step: Step): void {
    if (step.imm !== 0) {
      this.lower(step);
      return;
    }
    this.pushInteger(step.rs1);
    this.code.i64(-2).op("i64_and");
  }

  /** Emits a branch's condition: an i32. */
  condition(step: Step): void {
    const { op, rs1, rs2 } = step;
    const zero = this.constants.get(rs2) === 0;
    if (!zero || (op.name !== "beq" && op.name !== "bne")) {
      this.lower(step);
      return;
    }
    const narrow = ((this.narrow >>> rs1) & 1) === 1;
    this.step = step;
    if (narrow) this.xw("rs1");
    else this.x("rs1");
    if (op.name === "beq") this.code.op(narrow ? "i32_eqz" : "i64_eqz");
    else if (!narrow) this.code.op("i64_eqz", "i32_eqz");
  }

  /** Emits rd = the low word of rs1, zero-extended and shifted left: what two shifts by way of bit 32 do. */
  emitZeroExtended(step: Step, index: number, rs1: number, shift: number): void {
    const plan = this.plan[index]!;
    this.stores = (plan & STORES) !== 0;
    this.keeps = (plan & KEEPS) !== 0;
    this.step = { ...step, rs1 };
    this.narrows = false;
    this.setX(() => {
      this.xw("rs1");
      this.code.op("i64_extend_i32_u");
      if (shift > 0) this.code.i64(shift).op("i64_shl");
    });
    this.constants.set(step.rd, undefined);
    this.memory.trust.forget(step.rd);
    this.narrow &= ~step.writes.x;
    this.followDirty(step);
  }

  get pcOfStep(): number {
    return this.step.pc;
  }

  get currentStep(): Step {
    return this.step;
  }

  /** Loads registers from the register file. */
  loadRegisters(x: number, f = 0): void {
    const { hart } = this.context.target;
    each(x, (r) =>
      this.code
        .i32(0)
        .memRelocatable("i64_load", hart.x + r * REGISTER_BYTES)
        .set(this.integerLocal(r)),
    );
    each(f, (r) =>
      this.code
        .i32(0)
        .memRelocatable("f64_load", hart.f + r * REGISTER_BYTES)
        .set(this.floatLocal(r)),
    );
  }

  /** Stores registers to the register file. */
  spill(x: number, f: number): void {
    const { hart } = this.context.target;
    each(x, (r) => {
      this.code.i32(0);
      this.pushInteger(r);
      this.code.memRelocatable("i64_store", hart.x + r * REGISTER_BYTES);
    });
    each(f, (r) =>
      this.code
        .i32(0)
        .get(this.floatLocal(r))
        .memRelocatable("f64_store", hart.f + r * REGISTER_BYTES),
    );
  }

  /** Stores what is dirty at this point of the block; on other ways from here it is dirty still. */
  spillDirty(): void {
    this.spill(this.dirtyX, this.dirtyF);
  }

  /** Goes on behind a system call, which everything was spilled for. */
  afterSystemCall(): void {
    this.constants.clear();
    this.memory.trust.forget(A0);
    this.dirtyX = 0;
    this.dirtyF = 0;
  }

  /** Reloads a0, which a system call wrote. */
  reloadResult(): void {
    this.loadRegisters(1 << A0);
  }

  /** Leaves the region: spills, and returns with a reason. */
  exit(pc: number, reason: number): void {
    this.spill(this.dirtyX, this.dirtyF);
    this.code.i64(pc).i32(reason).call(this.context.functions.leave).op("return");
  }

  /** Leaves at the current instruction, which did not happen. */
  fault(reason: number): void {
    this.exit(this.step.pc, reason);
  }

  pushInteger(register: number): void {
    const constant = this.constants.get(register);
    if (constant !== undefined) this.code.i64(constant);
    else this.code.get(this.integerLocal(register));
  }

  integerLocal(register: number): Local {
    this.integerLocals[register] ??= this.code.local("i64");
    return this.integerLocals[register];
  }

  private wordLocal(register: number): Local {
    this.wordLocals[register] ??= this.code.local("i32");
    return this.wordLocals[register];
  }

  floatLocal(register: number): Local {
    this.floatLocals[register] ??= this.code.local("f64");
    return this.floatLocals[register];
  }

  x(source: Source): void {
    this.pushInteger(this.step[source]);
  }

  xw(source: Source): void {
    this.pushWord(this.step[source]);
  }

  /** Pushes the low word of a register. */
  pushWord(register: number): void {
    const constant = this.constants.get(register);
    if (constant !== undefined) this.code.i32(constant | 0);
    else if ((this.narrow >>> register) & 1) this.code.get(this.wordLocal(register));
    else this.code.get(this.integerLocal(register)).op("i32_wrap_i64");
  }

  setX(value: () => void): void {
    const { code } = this;
    const { rd } = this.step;
    if (rd !== 0 && this.stores) code.i32(0);
    value();
    if (rd === 0) code.op("drop");
    else this.keepInteger(rd, this.narrows);
  }

  /** Takes the value of an integer register from the stack to where it is kept. */
  private keepInteger(rd: number, narrows: boolean): void {
    const { code } = this;
    if (this.stores) {
      if (this.keeps) code.tee(this.integerLocal(rd));
      code.memRelocatable("i64_store", this.placeOf(rd));
      if (this.keeps && narrows) code.get(this.integerLocal(rd)).op("i32_wrap_i64").set(this.wordLocal(rd));
    } else if (narrows) code.tee(this.integerLocal(rd)).op("i32_wrap_i64").set(this.wordLocal(rd));
    else code.set(this.integerLocal(rd));
  }

  setXw(value: () => void): void {
    this.setWord(value, "i64_extend_i32_s");
  }

  private setWord(value: () => void, extend: OpName): void {
    const { code } = this;
    const { rd } = this.step;
    if (rd !== 0 && this.stores) code.i32(0);
    value();
    if (rd === 0) {
      code.op("drop");
      return;
    }
    if (this.narrows && this.keeps) code.tee(this.wordLocal(rd));
    code.op(extend);
    this.keepInteger(rd, false);
  }

  imm(): void {
    this.code.i64(this.step.imm);
  }

  immw(): void {
    this.code.i32(this.step.imm);
  }

  pc(): void {
    this.code.i64(this.step.pc);
  }

  fBits(source: Source): void {
    this.code.get(this.floatLocal(this.step[source])).op("i64_reinterpret_f64");
  }

  fd(source: Source): void {
    this.code.get(this.floatLocal(this.step[source]));
  }

  fs(source: Source): void {
    const { code } = this;
    const register = this.step[source];
    this.fBits(source);
    code.op("i32_wrap_i64");
    if ((this.singles & (1 << register)) === 0) {
      code.i32(QUIET_NAN);
      this.fBits(source);
      code.i64(BOX).op("i64_ge_u", "select");
    }
    code.op("f32_reinterpret_i32");
  }

  setFBits(value: () => void): void {
    this.setFloat(false, () => {
      value();
      this.code.op("f64_reinterpret_i64");
    });
  }

  setFd(value: () => void): void {
    this.setFloat(false, value);
  }

  setFs(value: () => void): void {
    this.setFloat(true, () => {
      value();
      this.code.op("i32_reinterpret_f32", "i64_extend_i32_u");
      this.code.i64(BigInt.asIntN(64, BOX)).op("i64_or", "f64_reinterpret_i64");
    });
  }

  private setFloat(single: boolean, value: () => void): void {
    const { code } = this;
    const { rd } = this.step;
    if (this.stores) code.i32(0);
    value();
    if (single) this.singles |= 1 << rd;
    else this.singles &= ~(1 << rd);
    if (!this.stores) code.set(this.floatLocal(rd));
    else {
      if (this.keeps) code.tee(this.floatLocal(rd));
      code.memRelocatable("f64_store", this.context.target.hart.f + rd * REGISTER_BYTES);
    }
  }

  load(op: MemOpName): void {
    this.memory.load(op);
  }

  store(op: MemOpName, value: () => void): void {
    this.memory.store(op, value);
  }

  atomicAddress(bytes: 4 | 8, access: "read" | "write"): void {
    this.memory.atomicAddress(bytes, access);
  }

  hartWord(word: HartWord): void {
    this.code.i32(0).memRelocatable("i32_load", this.context.target.hart[word]);
  }

  setHartWord(word: HartWord, value: () => void): void {
    this.code.i32(0);
    value();
    this.code.memRelocatable("i32_store", this.context.target.hart[word]);
  }

  hartLong(word: HartLong): void {
    this.code.i32(0).memRelocatable("i64_load", this.context.target.hart[word]);
  }

  setHartLong(word: HartLong, value: () => void): void {
    this.code.i32(0);
    value();
    this.code.memRelocatable("i64_store", this.context.target.hart[word]);
  }

  roundingMode(): void {
    const { rm } = this.step;
    // Translated code runs only while the dynamic mode is to nearest, which is 0.
    this.code.i32(rm === 7 ? 0 : rm);
  }

  get staticRounding(): number {
    return this.step.rm;
  }

  get oneSource(): boolean {
    return this.step.rs1 === this.step.rs2;
  }

  csr(): void {
    this.code.i32(this.step.csr);
  }

  get staticCsr(): number {
    return this.step.csr;
  }

  soft(op: number): void {
    this.code.i32(op).call(this.context.functions.soft);
  }

  illegal(): void {
    this.fault(this.context.target.exit.ILLEGAL);
  }
}
