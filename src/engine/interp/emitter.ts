import type { CodeBuilder, Label, Local } from "../../base/wasm/code.ts";
import { MEM, type MemOpName } from "../../base/wasm/opcodes.ts";
import type { Emitter, FmaMode, HartLong, HartWord, Source } from "../../isa/emitter.ts";
import { ACCESS, HART, LAYOUT } from "../../machine/index.ts";
import { RECORD, SCALE_SHIFT } from "./record.ts";

/** Where handlers branch to when their instruction cannot complete. */
export interface FaultLabels {
  readonly load: Label;
  readonly store: Label;
  readonly misaligned: Label;
  readonly illegal: Label;
}

/** What handlers share: locals of the interpreter's function, functions that they call. */
export interface Frame {
  /** i32: address of the current record. */
  readonly record: Local;
  /** i32: pc - record / 8. */
  readonly bias: Local;
  /** i64: scratch, the address of an access. */
  readonly address: Local;
  /** Function (address i64, bytes i32, access i32) → i32: not 0 if refused; then the hart's faultAddress is set. */
  readonly checkAccess: number;
  /** Function (operation i32) → (): the out-of-line floating point. */
  readonly soft: number;
}

const QUIET_NAN = 0x7fc0_0000;
const BOX = 0xffff_ffff_0000_0000n;

/** Lowers for the interpreter: operands are fields of the current record, registers are in memory. */
export class InterpreterEmitter implements Emitter {
  readonly code: CodeBuilder;
  readonly fma: FmaMode;
  readonly fflags = true;
  readonly roundsToNearest = false;
  readonly staticRounding = undefined;
  readonly staticCsr = undefined;
  readonly oneSource = false;
  private readonly frame: Frame;
  private readonly faults: FaultLabels;

  constructor(code: CodeBuilder, fma: FmaMode, frame: Frame, faults: FaultLabels) {
    this.code = code;
    this.fma = fma;
    this.frame = frame;
    this.faults = faults;
  }

  x(source: Source): void {
    this.field(RECORD[source]).mem("i64_load");
  }

  xw(source: Source): void {
    this.field(RECORD[source]).mem("i32_load");
  }

  setX(value: () => void): void {
    this.field(RECORD.rd);
    value();
    this.code.mem("i64_store");
  }

  setXw(value: () => void): void {
    this.setX(() => {
      value();
      this.code.op("i64_extend_i32_s");
    });
  }

  imm(): void {
    this.code.get(this.frame.record).mem("i64_load32_s", RECORD.imm);
  }

  immw(): void {
    this.code.get(this.frame.record).mem("i32_load", RECORD.imm);
  }

  pc(): void {
    this.pcWord();
    this.code.op("i64_extend_i32_u");
  }

  /** Pushes the address of this instruction: i32. */
  pcWord(): void {
    this.code.get(this.frame.record).i32(SCALE_SHIFT).op("i32_shr_u").get(this.frame.bias).op("i32_add");
  }

  fBits(source: Source): void {
    this.x(source);
  }

  fd(source: Source): void {
    this.field(RECORD[source]).mem("f64_load");
  }

  fs(source: Source): void {
    const { code } = this;
    this.field(RECORD[source]).mem("i32_load");
    code.i32(QUIET_NAN);
    this.field(RECORD[source]).mem("i32_load", 4);
    code.i32(-1).op("i32_eq", "select", "f32_reinterpret_i32");
  }

  setFBits(value: () => void): void {
    this.setX(value);
  }

  setFd(value: () => void): void {
    this.field(RECORD.rd);
    value();
    this.code.mem("f64_store");
  }

  setFs(value: () => void): void {
    this.setX(() => {
      value();
      this.code.op("i32_reinterpret_f32", "i64_extend_i32_u").i64(BOX).op("i64_or");
    });
  }

  load(op: MemOpName): void {
    this.effectiveAddress();
    this.check(bytesOf(op), ACCESS.READ, true);
    this.code.get(this.frame.address).op("i32_wrap_i64").mem(op);
  }

  store(op: MemOpName, value: () => void): void {
    this.effectiveAddress();
    this.check(bytesOf(op), ACCESS.WRITE, true);
    this.code.get(this.frame.address).op("i32_wrap_i64");
    value();
    this.code.mem(op);
  }

  atomicAddress(bytes: 4 | 8, access: "read" | "write"): void {
    const { code, frame } = this;
    this.x("rs1");
    code
      .tee(frame.address)
      .i64(bytes - 1)
      .op("i64_and", "i64_eqz", "i32_eqz")
      .if("void", () => {
        code.i32(0).get(frame.address).mem("i64_store", HART.faultAddress).br(this.faults.misaligned);
      });
    this.check(bytes, access === "read" ? ACCESS.READ : ACCESS.WRITE, false);
    code.get(frame.address).op("i32_wrap_i64");
  }

  hartWord(word: HartWord): void {
    this.code.i32(0).mem("i32_load", HART[word]);
  }

  setHartWord(word: HartWord, value: () => void): void {
    this.code.i32(0);
    value();
    this.code.mem("i32_store", HART[word]);
  }

  hartLong(word: HartLong): void {
    this.code.i32(0).mem("i64_load", HART[word]);
  }

  setHartLong(word: HartLong, value: () => void): void {
    this.code.i32(0);
    value();
    this.code.mem("i64_store", HART[word]);
  }

  roundingMode(): void {
    const { code } = this;
    this.hartWord("frm");
    this.field(RECORD.rm);
    this.field(RECORD.rm);
    code.i32(7).op("i32_eq", "select");
  }

  csr(): void {
    this.field(RECORD.csr);
  }

  soft(op: number): void {
    this.code.i32(op).call(this.frame.soft);
  }

  illegal(): void {
    this.code.br(this.faults.illegal);
  }

  private field(offset: number): CodeBuilder {
    return this.code.get(this.frame.record).mem("i32_load16_u", offset);
  }

  private effectiveAddress(): void {
    this.x("rs1");
    this.imm();
    this.code.op("i64_add").set(this.frame.address);
  }

  /**
   * Leaves through a fault unless the page table allows the access at `frame.address`. One test covers the usual case, an
   * aligned access below 4 GB to a page that allows it; for the rest checkAccess looks closer.
   */
  private check(bytes: number, access: 1 | 2, mayStraddle: boolean): void {
    const { code, frame, faults } = this;
    const odd = 0xffff_ffff_0000_0000n | BigInt(mayStraddle ? bytes - 1 : 0);
    code.get(frame.address).i64(BigInt.asIntN(64, odd)).op("i64_and", "i64_eqz");
    code.get(frame.address).op("i32_wrap_i64").i32(12).op("i32_shr_u").mem("i32_load8_u", LAYOUT.pageTable);
    if (access === ACCESS.WRITE) code.i32(1).op("i32_shr_u");
    code.op("i32_and", "i32_eqz").if("void", () => {
      code.get(frame.address).i32(bytes).i32(access).call(frame.checkAccess);
      code.brIf(access === ACCESS.READ ? faults.load : faults.store);
    });
  }
}

/** Bytes that a load or store touches. */
function bytesOf(op: MemOpName): number {
  const narrowed = /_(?:load|store)(8|16|32)/.exec(op);
  return narrowed === null ? 1 << MEM[op].align : Number(narrowed[1]) / 8;
}
