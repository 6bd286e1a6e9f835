import { CodeBuilder, type Local } from "../../base/wasm/code.ts";
import { ModuleBuilder } from "../../base/wasm/module.ts";
import { ACCESS, EXIT, HART, KERNEL_END, LAYOUT, PAGE_SIZE, type PollMode, TRAP } from "../../machine/index.ts";
import { CODE_MAP, emitCodeMapOffset } from "../code-map.ts";
import { MAX_WASM_PAGES } from "../limits.ts";

/** What {@link buildDispatcher}'s function answers; no value is that of an exit reason for which the host itself gives up. */
export const DISPATCH = {
  /** The code map does not have the hart's pc. */
  MISS: 0,
  /** The hart was left; its `exit` word says why. */
  LEFT: 1,
  /** sp is where no stack can be, or in a page that cannot be written: the code at pc is to be interpreted. */
  ODD_STACK: 2,
  /** Another context was put into the hart that this loop does not know how to run: pc beyond 2^32, another rounding mode. */
  ELSEWHERE: 3,
} as const;

export type DispatchAnswer = (typeof DISPATCH)[keyof typeof DISPATCH];

/**
 * How far guest code may take sp down before it comes back here, which bounds the host's stack: frames of guest functions
 * are 16 bytes at least, of wasm functions some 500 at most, and hosts have 984 KB.
 */
const STACK_RANGE = 0x8000;

/** How far above its value at entry sp may be at a function's start. */
const STACK_ABOVE = 0x10_0000;

/** No stack begins below: what is on it stays clear of the kernel's pages whatever a prologue subtracts. */
const STACK_LOWEST = KERNEL_END + 0x1_0000;
const STACK_HIGHEST = 0xffe0_0000;

const PAGE_SHIFT = Math.log2(PAGE_SIZE);

/**
 * Builds the loop that runs translated code: it finds the function for a pc in the code map, calls it, and goes on with the pc
 * that it answers, so that such transitions never pass through the host.
 *
 * Imports "env": `memory`, `table`. Exports `enter(pc)`: one of {@link DISPATCH}, with the hart's pc in place, and `miss`, which
 * stands in the table wherever nothing is translated: a region that answers the address that it was called for.
 */
export function buildDispatcher(poll: PollMode): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory("env", "memory", 1, MAX_WASM_PAGES);
  module.importTable("env", "table", 0);
  const regionType = module.type(["i64", "i32"], ["i64", "i64"]);
  const miss = module.define(regionType, "miss");
  module.body(miss, new CodeBuilder(["i64", "i32"]).get(0).get(1).op("i64_extend_i32_u"));
  const enter = module.define(module.type(["i32"], ["i32"]), "dispatch");
  module.body(enter, buildEnter(poll, regionType));
  module.exportFunction("miss", miss);
  module.exportFunction("enter", enter);
  return module.encode().bytes;
}

function buildEnter(poll: PollMode, regionType: number): CodeBuilder {
  const code = new CodeBuilder(["i32"]);
  const pc = 0;
  const next = code.local("i64");
  const scratch = code.local("i32");
  const leave = (answer: number) => {
    code.i32(0).get(pc).op("i64_extend_i32_u").mem("i64_store", HART.pc);
    code.i32(answer).op("return");
  };
  const wanted = () => {
    if (poll === "flag") code.i32(0).mem("i32_load", HART.poll);
    else code.i32(0).mem("i32_load", HART.fuel).i32(0).op("i32_le_s");
  };
  code.loop("void", (again) => {
    armGuard(code, scratch, () => leave(DISPATCH.ODD_STACK));
    // After the guard: who raises the poll word and then closes the guard is noticed here or there.
    wanted();
    code.if("void", () => {
      code.i32(0).i32(EXIT.POLL).mem("i32_store", HART.exit);
      leave(DISPATCH.LEFT);
    });
    code.get(pc);
    emitCodeMapOffset(code);
    code.tee(scratch).mem("i32_load", CODE_MAP.base).get(pc).op("i32_ne").get(pc).op("i32_eqz", "i32_or");
    code.if("void", () => leave(DISPATCH.MISS));
    code.i32(0).get(pc).op("i64_extend_i32_u").mem("i64_store", HART.pc);
    code
      .get(scratch)
      .mem("i32_load", CODE_MAP.base + 4)
      .set(scratch);
    code.i32(0).mem("i64_load", HART.x + 16);
    code.get(scratch).i32(16).op("i32_shr_u").get(scratch).i32(0xffff).op("i32_and").callIndirect(regionType);
    code.tee(next).op("i32_wrap_i64").set(pc).op("drop");
    code
      .get(pc)
      .i32(1)
      .op("i32_and", "i32_eqz")
      .if("void", () => {
        code.get(next).i64(32).op("i64_shr_u", "i64_eqz").brIf(again);
        faultAt(code, next);
      });
    // A guard that failed although nobody asked for a poll is armed again; another context is gone on with.
    code.i32(0).mem("i32_load", HART.exit).tee(scratch).i32(EXIT.POLL).op("i32_eq");
    wanted();
    code.op("i32_eqz", "i32_and").get(scratch).i32(TRAP.ELSEWHERE).op("i32_eq", "i32_or");
    code.if("void", () => {
      code.i32(0).mem("i32_load", HART.pc).set(pc);
      code
        .i32(0)
        .mem("i32_load", HART.pc + 4)
        .i32(0)
        .mem("i32_load", HART.frm);
      code.op("i32_or", "i32_eqz").brIf(again);
      code.i32(DISPATCH.ELSEWHERE).op("return");
    });
  });
  return code.i32(DISPATCH.LEFT);
}

/** Leaves the hart at an address (i64) beyond 4 GB, where there is no code. */
function faultAt(code: CodeBuilder, address: Local): void {
  code.i32(0).get(address).mem("i64_store", HART.pc);
  code.i32(0).get(address).mem("i64_store", HART.faultAddress);
  code.i32(0).i32(EXIT.FETCH_FAULT).mem("i32_store", HART.exit);
}

/**
 * Sets the range of sp in which functions may start; `refuse` if sp is beyond reason. The range ends above a page that cannot be
 * written: a stack that grows is seen there, and one that has run into its guard.
 */
function armGuard(code: CodeBuilder, sp: number, refuse: () => void): void {
  const ifReadOnly = (address: () => void, then: () => void) => {
    address();
    code.i32(PAGE_SHIFT).op("i32_shr_u").mem("i32_load8_u", LAYOUT.pageTable);
    code.i32(ACCESS.WRITE).op("i32_and", "i32_eqz").if("void", then);
  };
  code
    .i32(0)
    .mem("i32_load", HART.x + 16)
    .tee(sp)
    .i32(STACK_LOWEST)
    .op("i32_sub");
  code
    .i32(STACK_HIGHEST - STACK_LOWEST)
    .op("i32_ge_u")
    .if("void", refuse);
  // The interpreter, which checks every access, grows the stack or finds the one that overflows.
  ifReadOnly(() => code.get(sp), refuse);
  code.withLocal("i32", (low) => {
    code.get(sp).i32(STACK_RANGE).op("i32_sub").tee(low);
    code.i32(STACK_LOWEST).get(low).i32(STACK_LOWEST).op("i32_gt_u", "select").set(low);
    ifReadOnly(
      () => code.get(low),
      () => code.get(sp).i32(-PAGE_SIZE).op("i32_and").set(low),
    );
    code.i32(0).get(low).mem("i32_store", HART.stackLow);
    code.i32(0).get(sp).i32(STACK_ABOVE).op("i32_add").get(low).op("i32_sub").mem("i32_store", HART.stackSize);
  });
}
