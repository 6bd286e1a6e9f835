/** Lowers instructions of a region: registers are wasm locals, operands are known. */
import type { CodeBuilder, Local } from "../base/wasm/code.ts";
import type { MemOpName, OpName } from "../base/wasm/opcodes.ts";
import type { Emitter, FmaMode, HartLong, HartWord, Source } from "../isa/index.ts";
import type { ModuleContext } from "./context.ts";
import { MemoryEmitter } from "./memory-emitter.ts";
import { isResultNarrow, narrowAfter, wordForm } from "./narrow.ts";
import { type BlockState, RegisterState } from "./register-state.ts";
import { KEPT, ResultPlan } from "./result-plan.ts";
import { constantOf, type Step } from "./step.ts";

const BOX = 0xffff_ffff_0000_0000n;
const QUIET_NAN = 0x7fc0_0000;
const A0 = 10;

export class RegionEmitter implements Emitter {
  readonly code: CodeBuilder;
  readonly fma: FmaMode;
  readonly fflags: boolean;
  readonly roundsToNearest = true;
  readonly context: ModuleContext;
  readonly memory: MemoryEmitter;
  readonly registers: RegisterState;
  readonly results = new ResultPlan();
  /** Whether the current instruction's result goes to the register file at once. */
  private stores = false;
  /** Whether its local is read later. */
  private keeps = true;
  /** Whether the current instruction's result is to be kept in its word local too. */
  private narrows = false;
  private step!: Step;
  /** Floating-point registers that are known to hold a NaN-boxed single. */
  private singles = 0;

  /** @param sp - the stack pointer's local. */
  constructor(code: CodeBuilder, context: ModuleContext, sp: Local) {
    this.code = code;
    this.context = context;
    this.fma = context.options.fma;
    this.fflags = context.options.fflags;
    this.registers = new RegisterState(code, context.target.hart, sp);
    this.memory = new MemoryEmitter(this);
  }

  /** Forgets what was known along the block before. */
  beginBlock(state?: BlockState): void {
    this.registers.begin(state);
    this.singles = 0;
  }

  /** Emits one instruction that writes no register of the block's plan, such as its last. */
  lower(step: Step): void {
    this.step = step;
    this.registers.require(step.reads.x, step.reads.f);
    this.narrows = isResultNarrow(step, this.registers.narrow);
    const form = wordForm(step, this.registers.narrow);
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
    const kept = this.results.of(index);
    this.stores = (kept & KEPT.IN_FILE) !== 0;
    this.keeps = (kept & KEPT.IN_LOCAL) !== 0;
    const { constants } = this.registers;
    const constant = step.writes.x === 0 ? undefined : constantOf(step, constants.get);
    if (constant !== undefined) {
      this.step = step;
      this.setConstant(constant, (kept & KEPT.IF_CONSTANT) !== 0);
    } else if (step.op.name === "addi" && step.imm === 0) this.move(step);
    else this.lower(step);
    if (step.writes.x !== 0) constants.set(step.rd, constant);
    this.afterStep(step);
  }

  private setConstant(constant: number, keeps: boolean): void {
    const { code, registers } = this;
    const { rd } = this.step;
    if (this.stores) code.i32(0).i64(constant).memRelocatable("i64_store", registers.placeOf(rd));
    if (!keeps) return;
    code.i64(constant).set(registers.integer(rd));
    if (isResultNarrow(this.step, registers.narrow)) code.i32(constant).set(registers.word(rd));
  }

  private move(step: Step): void {
    if (step.rd === 0) return;
    const { registers } = this;
    this.step = step;
    this.narrows = false;
    registers.require(step.reads.x, 0);
    this.setX(() => registers.push(step.rs1));
    if (this.keeps && isResultNarrow(step, registers.narrow)) {
      this.code.get(registers.word(step.rs1)).set(registers.word(step.rd));
    }
  }

  private afterStep(step: Step): void {
    const { registers } = this;
    registers.narrow = narrowAfter(step, registers.narrow);
    registers.wrote(step.writes, this.stores);
  }

  /** Gives the link register its value on the way of a call. */
  setLink({ rd, writes }: Step, back: number): void {
    this.registers.constants.set(rd, back);
    this.registers.wrote(writes, false);
  }

  /** Emits where a jump to a register goes: an i64. */
  jumpTarget(step: Step): void {
    if (step.imm !== 0) {
      this.lower(step);
      return;
    }
    this.registers.require(step.reads.x, 0);
    this.registers.push(step.rs1);
    this.code.i64(-2).op("i64_and");
  }

  /** Emits a branch's condition: an i32. */
  condition(step: Step): void {
    const { op, rs1, rs2 } = step;
    const { registers } = this;
    const zero = registers.constants.get(rs2) === 0;
    if (!zero || (op.name !== "beq" && op.name !== "bne")) {
      this.lower(step);
      return;
    }
    const narrow = registers.isNarrow(rs1);
    this.step = step;
    registers.require(step.reads.x, 0);
    if (narrow) this.xw("rs1");
    else this.x("rs1");
    if (op.name === "beq") this.code.op(narrow ? "i32_eqz" : "i64_eqz");
    else if (!narrow) this.code.op("i64_eqz", "i32_eqz");
  }

  /** Emits rd = the low word of rs1, zero-extended and shifted left: what two shifts by way of bit 32 do. */
  emitZeroExtended(step: Step, index: number, rs1: number, shift: number): void {
    const { registers } = this;
    const kept = this.results.of(index);
    this.stores = (kept & KEPT.IN_FILE) !== 0;
    this.keeps = (kept & KEPT.IN_LOCAL) !== 0;
    this.step = { ...step, rs1 };
    this.narrows = false;
    registers.require((1 << rs1) & ~1, 0);
    this.setX(() => {
      this.xw("rs1");
      this.code.op("i64_extend_i32_u");
      if (shift > 0) this.code.i64(shift).op("i64_shl");
    });
    registers.constants.set(step.rd, undefined);
    registers.narrow &= ~step.writes.x;
    registers.wrote(step.writes, this.stores);
  }

  get pcOfStep(): number {
    return this.step.pc;
  }

  get currentStep(): Step {
    return this.step;
  }

  /** Goes on behind a system call, which everything was stored for. */
  afterSystemCall(): void {
    this.registers.afterSystemCall(A0);
  }

  /** Leaves the region: stores what is dirty, and returns with a reason. */
  exit(pc: number, reason: number): void {
    this.registers.storeDirty();
    this.code.i64(pc).i32(reason).call(this.context.functions.leave).op("return");
  }

  /** Leaves at the current instruction, which did not happen. */
  fault(reason: number): void {
    this.exit(this.step.pc, reason);
  }

  x(source: Source): void {
    this.registers.push(this.step[source]);
  }

  xw(source: Source): void {
    this.registers.pushWord(this.step[source]);
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
    const { code, registers } = this;
    if (this.stores) {
      if (this.keeps) code.tee(registers.integer(rd));
      code.memRelocatable("i64_store", registers.placeOf(rd));
      if (this.keeps && narrows) code.get(registers.integer(rd)).op("i32_wrap_i64").set(registers.word(rd));
    } else if (narrows) code.tee(registers.integer(rd)).op("i32_wrap_i64").set(registers.word(rd));
    else code.set(registers.integer(rd));
  }

  setXw(value: () => void): void {
    this.setWord(value, "i64_extend_i32_s");
  }

  private setWord(value: () => void, extend: OpName): void {
    const { code, registers } = this;
    const { rd } = this.step;
    if (rd !== 0 && this.stores) code.i32(0);
    value();
    if (rd === 0) {
      code.op("drop");
      return;
    }
    if (this.narrows && this.keeps) code.tee(registers.word(rd));
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
    this.code.get(this.registers.float(this.step[source])).op("i64_reinterpret_f64");
  }

  fd(source: Source): void {
    this.code.get(this.registers.float(this.step[source]));
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
    if (!this.stores) code.set(this.registers.float(rd));
    else {
      if (this.keeps) code.tee(this.registers.float(rd));
      code.memRelocatable("f64_store", this.registers.placeOfFloat(rd));
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
