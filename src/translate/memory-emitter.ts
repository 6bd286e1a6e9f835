/** Guest memory accesses of a region under the three policies. */
import type { Local } from "../base/wasm/code.ts";
import { MEM, type MemOpName } from "../base/wasm/opcodes.ts";
import type { RegionEmitter } from "./region-emitter.ts";
import type { Step } from "./step.ts";

const PAGE_SHIFT = 12;
const ACCESS = { read: 1, write: 2 } as const;

/** How far a register may have moved, in bytes, since it was found to point behind the kernel's pages. */
interface Slack {
  readonly down: number;
  readonly up: number;
}

/**
 * Emits loads and stores.
 *
 * Under `null` the base register is compared with the end of the kernel's pages; a positive offset cannot wrap, since wasm
 * adds it beyond 32 bits. A base that was checked is not checked again in its block: an access that succeeded has shown
 * that it points into memory, from where small additions cannot carry it past 2^32 to the low pages.
 */
export class MemoryEmitter {
  private readonly e: RegionEmitter;
  private readonly checked = new Map<number, Slack>();

  constructor(emitter: RegionEmitter) {
    this.e = emitter;
  }

  /** Forgets which registers were checked. */
  forget(): void {
    this.checked.clear();
  }

  redefine(register: number): void {
    this.checked.delete(register);
  }

  /** Accounts for what an instruction did to a register; addi only moves it. */
  follow(step: Step): void {
    if (step.writes.x === 0) return;
    const before = step.op.name === "addi" ? this.checked.get(step.rs1) : undefined;
    const slack = before === undefined ? undefined : { down: before.down + step.imm, up: before.up - step.imm };
    if (slack === undefined || slack.up < 0) this.checked.delete(step.rd);
    else this.checked.set(step.rd, slack);
  }

  /** Tells that a register points into memory, and may still move so far. */
  trust(register: number, slack: number): void {
    this.checked.set(register, { down: slack, up: slack });
  }

  /** Checks registers on the way into a loop that relies on it; see {@link hoistedChecks}. */
  checkBefore(checks: ReadonlyMap<number, number>): void {
    if (this.e.context.options.policy !== "null") return;
    const { code, context } = this.e;
    for (const [register, offset] of checks) {
      this.e.pushInteger(register);
      code.op("i32_wrap_i64");
      if (offset !== 0) code.i32(offset).op("i32_add");
      code.i32(context.target.kernelEnd).op("i32_lt_u");
      code.if("void", () => code.op("unreachable"));
    }
  }

  /** Tells what {@link checkBefore} has checked. */
  assumeChecked(checks: ReadonlyMap<number, number>): void {
    const up = this.e.context.target.kernelEnd / 2;
    for (const [register, offset] of checks) this.checked.set(register, { down: -offset, up });
  }

  load(op: MemOpName): void {
    const offset = this.address(bytesOf(op), "read");
    this.e.code.mem(op, offset);
  }

  store(op: MemOpName, value: () => void): void {
    const offset = this.address(bytesOf(op), "write");
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
        code.get(address).op("i32_wrap_i64").i32(target.kernelEnd).op("i32_lt_u");
        code.if("void", () => code.op("unreachable"));
      }
      code.get(address).op("i32_wrap_i64");
    });
  }

  /** Pushes the address part that is not constant, after its check, and answers the constant offset. */
  private address(bytes: number, access: "read" | "write"): number {
    const { e } = this;
    const { code, context } = e;
    const { rs1, imm } = e.currentStep;
    const constant = e.constants.get(rs1);
    if (constant !== undefined && context.options.policy !== "paged") {
      const at = Number(BigInt.asUintN(64, constant + BigInt(imm)));
      if (at >= context.target.kernelEnd && at < 2 ** 32) {
        code.i32(0);
        return at;
      }
    }
    if (context.options.policy === "paged") return this.pagedAddress(bytes, access);
    if (context.options.policy === "null") this.checkNull(rs1, imm);
    e.xw("rs1");
    if (imm >= 0) return imm;
    code.i32(imm).op("i32_add");
    return 0;
  }

  private checkNull(register: number, imm: number): void {
    const { e } = this;
    const { code, context } = e;
    const known = this.checked.get(register);
    if (known !== undefined && known.down + imm >= 0) return;
    const { kernelEnd } = context.target;
    e.xw("rs1");
    if (imm < 0) code.i32(imm).op("i32_add");
    code.i32(kernelEnd).op("i32_lt_u");
    code.if("void", () => {
      if (imm <= 0) {
        code.op("unreachable");
        return;
      }
      // A small base with an offset that reaches the first pages of the guest is rare, but legal.
      e.xw("rs1");
      code.i32(imm).op("i32_add").i32(kernelEnd).op("i32_lt_u");
      code.if("void", () => code.op("unreachable"));
    });
    // The access itself shows that base + imm is below the end of memory, 64 KB before 2^32.
    if (imm <= 0) this.checked.set(register, { down: -imm, up: kernelEnd / 2 });
    else this.checked.set(register, { down: 0, up: kernelEnd / 2 });
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

/** Bytes that a load or store touches. */
function bytesOf(op: MemOpName): number {
  const narrowed = /_(?:load|store)(8|16|32)/.exec(op);
  return narrowed === null ? 1 << MEM[op].align : Number(narrowed[1]) / 8;
}
