/** How control passes from one region to another. */
import type { CodeBuilder, Local } from "../base/wasm/code.ts";
import { type ModuleContext, TABLE } from "./context.ts";

/**
 * Emits calls, jumps and returns between regions. All state is in the register file by then; a region answers the address
 * at which to go on, or an odd number if it was left.
 */
export class Transfer {
  /** Where an indirect jump goes: i64. */
  readonly target: Local;
  /** What a called region has answered: i32. */
  readonly result: Local;
  private readonly code: CodeBuilder;
  private readonly context: ModuleContext;

  constructor(code: CodeBuilder, context: ModuleContext) {
    this.code = code;
    this.context = context;
    this.target = code.local("i64");
    this.result = code.local("i32");
  }

  /** Calls the region of a known address. */
  callRegion(target: number): void {
    const { code, context } = this;
    const known = context.regionAt(target);
    if (known !== undefined) code.i32(0).call(known);
    else code.i32(target).i32(context.linkTo(target)).callIndirect(context.regionType, TABLE.links);
  }

  /**
   * Leaves for the region of a known address, without growing the stack. An address within a function is mostly cold, and has no
   * link of its own.
   */
  jumpToRegion(target: number): void {
    const { code, context } = this;
    const known = context.regionAt(target);
    if (known !== undefined) code.i32(0).returnCall(known);
    else if (!context.startsFunction(target)) code.i32(target).returnCall(context.functions.goOn);
    else code.i32(target).i32(context.linkTo(target)).returnCallIndirect(context.regionType, TABLE.links);
  }

  /** Pushes the result of calling the address in `target`, through the code map. */
  callTarget(): void {
    this.lookUpTarget(
      "i32",
      () => this.code.callIndirect(this.context.regionType, TABLE.regions),
      () => this.code.get(this.target).call(this.context.functions.leaveFor),
    );
  }

  /** Leaves for the address in `target`, through the code map. */
  jumpToTarget(): void {
    this.lookUpTarget(
      "void",
      () => this.code.returnCallIndirect(this.context.regionType, TABLE.regions),
      () => this.code.get(this.target).call(this.context.functions.leaveFor).op("return"),
    );
    this.code.op("unreachable");
  }

  /** Emits `found` with an entry number and a table slot on the stack if the code map has the target, else `missed`. */
  private lookUpTarget(type: "i32" | "void", found: () => void, missed: () => void): void {
    const { code } = this;
    const { codeMap, codeMapEntries } = this.context.target;
    code.withLocal("i32", (scratch) => {
      code.get(this.target).op("i32_wrap_i64").i32(2).op("i32_shl");
      code
        .i32((codeMapEntries - 1) << 3)
        .op("i32_and")
        .tee(scratch);
      code.mem("i64_load32_u", codeMap).get(this.target).op("i64_eq");
      code.if(
        type,
        () => {
          code
            .get(scratch)
            .mem("i32_load", codeMap + 4)
            .tee(scratch);
          code.i32(16).op("i32_shr_u").get(scratch).i32(0xffff).op("i32_and");
          found();
        },
        missed,
      );
    });
  }

  /** Hands the result on the stack to our caller, unless it is the address that a call returns to. */
  expect(back: number): void {
    const { code } = this;
    code.tee(this.result).i32(back).op("i32_ne");
    code.if("void", () => code.get(this.result).op("return"));
  }

  /** Returns to the address (i64) on the stack. */
  returnTo(): void {
    const { code } = this;
    code.tee(this.target).i64(32).op("i64_shr_u", "i64_eqz");
    code.if("void", () => code.get(this.target).op("i32_wrap_i64", "return"));
    code.get(this.target).call(this.context.functions.leaveFor).op("return");
  }
}
