/** Runs single instructions: what the tests of the lowerings share. */
import { CodeBuilder } from "../../base/wasm/code.ts";
import { ModuleBuilder } from "../../base/wasm/module.ts";
import type { MemOpName } from "../../base/wasm/opcodes.ts";
import { createCodeCompiler } from "../../host/node/code-compiler.ts";
import { type Decoded, emptyDecoded } from "../decode.ts";
import type { Emitter, FmaMode, HartLong, HartWord, Source } from "../emitter.ts";
import { type Fields, ROUNDING } from "../fields.ts";
import { makeSoft } from "../softfloat/soft.ts";
import { instructionNamed } from "../table.ts";

/** Byte offsets of the hart in the test's memory; `data` is where loads and stores go. */
export const AT = {
  x: 0,
  f: 0x100,
  fflags: 0x200,
  frm: 0x204,
  softRm: 0x208,
  reserved: 0x210,
  reservedValue: 0x218,
  soft0: 0x220,
  soft1: 0x228,
  soft2: 0x230,
  softResult: 0x238,
  cycle: 0x240,
  time: 0x248,
  illegal: 0x250,
  branch: 0x258,
  data: 0x400,
} as const;

export const PC = 0x1234_5678;

export const compiler = createCodeCompiler();

export interface Settings {
  readonly fma: FmaMode;
  readonly fflags: boolean;
  readonly roundsToNearest: boolean;
}

/** The plainest emitter: registers in memory, the instruction known. */
class MemoryEmitter implements Emitter {
  readonly code = new CodeBuilder();
  readonly fma: FmaMode;
  readonly fflags: boolean;
  readonly roundsToNearest: boolean;
  private readonly d: Decoded;
  private readonly softFunction: number;

  constructor(d: Decoded, settings: Settings, softFunction: number) {
    this.d = d;
    ({ fma: this.fma, fflags: this.fflags, roundsToNearest: this.roundsToNearest } = settings);
    this.softFunction = softFunction;
  }

  get staticRounding(): number {
    return this.d.rm;
  }

  get staticCsr(): number {
    return this.d.csr;
  }

  get oneSource(): boolean {
    return this.d.rs1 === this.d.rs2;
  }

  x(source: Source): void {
    this.code.i32(0).mem("i64_load", AT.x + this.d[source] * 8);
  }

  xw(source: Source): void {
    this.code.i32(0).mem("i32_load", AT.x + this.d[source] * 8);
  }

  setX(value: () => void): void {
    this.code.i32(0);
    value();
    this.code.mem("i64_store", AT.x + this.d.rd * 8);
  }

  setXw(value: () => void): void {
    this.setX(() => {
      value();
      this.code.op("i64_extend_i32_s");
    });
  }

  imm(): void {
    this.code.i64(this.d.imm);
  }

  immw(): void {
    this.code.i32(this.d.imm);
  }

  pc(): void {
    this.code.i64(PC);
  }

  fBits(source: Source): void {
    this.code.i32(0).mem("i64_load", AT.f + this.d[source] * 8);
  }

  fd(source: Source): void {
    this.code.i32(0).mem("f64_load", AT.f + this.d[source] * 8);
  }

  fs(source: Source): void {
    const at = AT.f + this.d[source] * 8;
    this.code.i32(0).mem("f32_load", at).f32(Number.NaN);
    this.code
      .i32(0)
      .mem("i32_load", at + 4)
      .i32(-1)
      .op("i32_eq", "select");
  }

  setFBits(value: () => void): void {
    this.code.i32(0);
    value();
    this.code.mem("i64_store", AT.f + this.d.rd * 8);
  }

  setFd(value: () => void): void {
    this.code.i32(0);
    value();
    this.code.mem("f64_store", AT.f + this.d.rd * 8);
  }

  setFs(value: () => void): void {
    this.setFBits(() => {
      value();
      this.code.op("i32_reinterpret_f32", "i64_extend_i32_u").i64(-0x1_0000_0000n).op("i64_or");
    });
  }

  load(op: MemOpName): void {
    this.address();
    this.code.mem(op);
  }

  store(op: MemOpName, value: () => void): void {
    this.address();
    value();
    this.code.mem(op);
  }

  atomicAddress(): void {
    this.address();
  }

  hartWord(word: HartWord): void {
    this.code.i32(0).mem("i32_load", AT[word]);
  }

  setHartWord(word: HartWord, value: () => void): void {
    this.code.i32(0);
    value();
    this.code.mem("i32_store", AT[word]);
  }

  hartLong(word: HartLong): void {
    this.code.i32(0).mem("i64_load", AT[word]);
  }

  setHartLong(word: HartLong, value: () => void): void {
    this.code.i32(0);
    value();
    this.code.mem("i64_store", AT[word]);
  }

  roundingMode(): void {
    if (this.d.rm === ROUNDING.DYN) this.hartWord("frm");
    else this.code.i32(this.d.rm);
  }

  csr(): void {
    this.code.i32(this.d.csr);
  }

  soft(op: number): void {
    this.code.i32(op).call(this.softFunction);
  }

  illegal(): void {
    this.code.i32(0).i32(1).mem("i32_store", AT.illegal).op("return");
  }

  private address(): void {
    this.xw("rs1");
    this.code.i32(this.d.imm).op("i32_add");
  }
}

export const DEFAULT: Settings = { fma: "soft", fflags: true, roundsToNearest: true };

/**
 * A compiled instruction with its own memory. Registers: rd 3, rs1 1, rs2 2, rs3 4. A branch's condition is left at
 * `AT.branch`, the target of jalr in rd.
 */
export class Bench {
  readonly u64: BigUint64Array;
  readonly i32: Int32Array;
  readonly f64: Float64Array;
  private readonly step: () => number;

  constructor(name: string, fields: Partial<Fields> = {}, settings: Settings = DEFAULT) {
    const { memory, buffer } = compiler.memory(1, 1);
    this.u64 = new BigUint64Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.f64 = new Float64Array(buffer);
    const op = instructionNamed(name);
    const d: Decoded = { ...emptyDecoded(), rd: 3, rs1: 1, rs2: 2, rs3: 4, ...fields, op };
    const module = new ModuleBuilder();
    const soft = module.importFunction("env", "soft", module.type(["i32"], []));
    module.importMemory("env", "memory", 1, 1);
    const emitter = new MemoryEmitter(d, settings, soft);
    if (op.kind === "branch") {
      emitter.code.i32(0);
      op.lower(emitter);
      emitter.code.mem("i32_store", AT.branch);
    } else if (op.kind === "jalr") emitter.setX(() => op.lower(emitter));
    else op.lower(emitter);
    const index = module.define(module.type([], []), name);
    module.body(index, emitter.code);
    module.exportFunction("step", index);
    const env = { memory, soft: makeSoft(buffer, AT) };
    this.step = compiler.instantiate(compiler.compile(module.encode().bytes), { env }).step!;
  }

  /** rd after the instruction, unsigned. */
  integer(a: bigint, b = 0n): bigint {
    this.u64[1] = BigInt.asUintN(64, a);
    this.u64[2] = BigInt.asUintN(64, b);
    this.step();
    return this.u64[3]!;
  }

  /** Raw bits of fd, and the flags raised. */
  float(...operands: readonly bigint[]): [bigint, number] {
    for (const [i, bits] of operands.entries()) this.u64[AT.f / 8 + [1, 2, 4][i]!] = bits;
    this.step();
    return [this.u64[AT.f / 8 + 3]!, this.i32[AT.fflags / 4]!];
  }
}
