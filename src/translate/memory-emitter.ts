/** Guest memory accesses of a region under the three policies. */
import type { Local } from "../base/wasm/code.ts";
import { MEM, type MemOpName } from "../base/wasm/opcodes.ts";
import type { RegionEmitter } from "./region-emitter.ts";

const PAGE_SHIFT = 12;
const ACCESS = { read: 1, write: 2 } as const;

/** Offsets reach from -0x800 to 0x7ff: a base that is not below never leads below 0xf000, which nobody uses. */
const LOWEST_BASE = 0xf800;

/** sp, gp and tp are not checked: a program that loses one of these hurts nothing but itself. */
const UNCHECKED = (1 << 2) | (1 << 3) | (1 << 4);

/**
 * Emits loads and stores.
 *
 * Under `null` {@link LOWEST_BASE} is taken from the base in 32 bits and added again as part of wasm's constant offset,
 * which counts beyond 32 bits: a base below ends up behind the largest memory, where the access traps by itself.
 */
export class MemoryEmitter {
  private readonly e: RegionEmitter;

  constructor(emitter: RegionEmitter) {
    this.e = emitter;
  }

  load(op: MemOpName): void {
    const offset = this.address(op, "read");
    this.e.code.mem(op, offset);
  }

  store(op: MemOpName, value: () => void): void {
    const offset = this.address(op, "write");
    value();
    this.e.code.mem(op, offset);
  }

  atomicAddress(bytes: 4 | 8, access: "read" | "write"): void {
    const { e } = this;
    const { code, context } = e;
    const { target, functions } = context;
    code.withLocal("i64", (address) => {
      e.x("rs1");
      code
        .tee(address)
        .i64(bytes - 1)
        .op("i64_and", "i64_eqz", "i32_eqz")
        .if("void", () => {
          code.i32(0).get(address).memRelocatable("i64_store", target.hart.faultAddress);
          e.fault(target.exit.MISALIGNED);
        });
      if (functions.checkAccess !== undefined) this.checkPaged(address, bytes, access, false);
      else if (context.options.policy === "null") {
        code.get(address).op("i32_wrap_i64").i32(LOWEST_BASE).op("i32_lt_u");
        code.if("void", () => code.op("unreachable"));
      }
      code.get(address).op("i32_wrap_i64");
    });
  }

  /** Pushes the address part that is not constant, after its check, and answers the constant offset. */
  private address(op: MemOpName, access: "read" | "write"): number {
    const { e } = this;
    const { code, context } = e;
    const { rs1, imm } = e.currentStep;
    const constant = e.registers.constants.get(rs1);
    if (constant !== undefined && context.options.policy !== "paged") {
      const at = constant + imm;
      if (at >= context.target.kernelEnd && at < 2 ** 32) {
        code.i32(0);
        return at;
      }
    }
    if (context.options.policy === "paged") return this.pagedAddress(bytesOf(op), access);
    e.xw("rs1");
    if (context.options.policy === "null" && !((UNCHECKED >>> rs1) & 1)) {
      code.i32(LOWEST_BASE).op("i32_sub");
      return LOWEST_BASE + imm;
    }
    if (imm >= 0) return imm;
    code.i32(imm).op("i32_add");
    return 0;
  }

  private pagedAddress(bytes: number, access: "read" | "write"): number {
    const { e } = this;
    const { code } = e;
    const { imm } = e.currentStep;
    code.withLocal("i64", (address) => {
      e.x("rs1");
      if (imm !== 0) code.i64(imm).op("i64_add");
      code.set(address);
      this.checkPaged(address, bytes, access, true);
      code.get(address).op("i32_wrap_i64");
    });
    return 0;
  }

  /** Leaves unless the page table allows the access. One test covers aligned accesses below 4 GB. */
  private checkPaged(address: Local, bytes: number, access: "read" | "write", mayStraddle: boolean): void {
    const { e } = this;
    const { code, context } = e;
    const { target, functions } = context;
    const odd = 0xffff_ffff_0000_0000n | BigInt(mayStraddle ? bytes - 1 : 0);
    code.get(address).i64(BigInt.asIntN(64, odd)).op("i64_and", "i64_eqz");
    code.get(address).op("i32_wrap_i64").i32(PAGE_SHIFT).op("i32_shr_u").mem("i32_load8_u", target.pageTable);
    if (access === "write") code.i32(1).op("i32_shr_u");
    code.op("i32_and", "i32_eqz").if("void", () => {
      code.get(address).i32(bytes).i32(ACCESS[access]).call(functions.checkAccess!);
      code.if("void", () => e.fault(access === "read" ? target.exit.LOAD_FAULT : target.exit.STORE_FAULT));
    });
  }
}

/** Bytes that each load or store touches. */
const BYTES = new Map<MemOpName, number>();

function bytesOf(op: MemOpName): number {
  let bytes = BYTES.get(op);
  if (bytes === undefined) {
    const narrowed = /_(?:load|store)(8|16|32)/.exec(op);
    bytes = narrowed === null ? 1 << MEM[op].align : Number(narrowed[1]) / 8;
    BYTES.set(op, bytes);
  }
  return bytes;
}
