/** How control passes from one region to another. */
import type { CodeBuilder, Local } from "../base/wasm/code.ts";
import { type ModuleContext, TABLE } from "./context.ts";
import { SP } from "./register-set.ts";
import type { RegisterState } from "./register-state.ts";

/**
 * Emits calls, jumps and returns between regions. All state is in the register file by then, and sp in its local too; a region
 * answers sp and the address at which to go on, or an odd number if it was left.
 */
export class Transfer {
  /** Where an indirect jump goes: i64. */
  readonly target: Local;
  /** What a called region has answered: i64. */
  readonly result: Local;
  private readonly code: CodeBuilder;
  private readonly context: ModuleContext;
  private readonly registers: RegisterState;

  constructor(code: CodeBuilder, context: ModuleContext, registers: RegisterState) {
    this.code = code;
    this.context = context;
    this.registers = registers;
    this.target = code.local("i64");
    this.result = code.local("i64");
  }

  /** Calls the region of a known address. */
  callRegion(target: number): void {
    const { code, context } = this;
    const known = context.regionAt(target);
    this.registers.push(SP);
    code.i32(target);
    if (known !== undefined) code.call(known);
    else code.i32(context.linkTo(target)).callIndirect(context.regionType, TABLE.links);
  }

  /**
   * Leaves for the region of a known address, without growing the stack. An address within a function is mostly cold, and has no
   * link of its own.
   */
  jumpToRegion(target: number): void {
    const { code, context } = this;
    const known = context.regionAt(target);
    this.registers.push(SP);
    code.i32(target);
    if (known !== undefined) code.returnCall(known);
    else if (!context.startsFunction(target)) code.returnCall(context.functions.goOn);
    else code.i32(context.linkTo(target)).returnCallIndirect(context.regionType, TABLE.links);
  }

  /** Calls the address in `target`: directly if it is the likely one, else through the code map. */
  callTarget(likely?: number): void {
    const call = () => {
      this.lookUpTarget();
      this.code.callIndirect(this.context.regionType, TABLE.regions);
    };
    if (!this.isFunction(likely)) call();
    else this.ifTargetIs(likely, () => this.callRegion(likely), call);
  }

  /** Leaves for the address in `target`, directly if it is the likely one, else through the code map. */
  jumpToTarget(likely?: number): void {
    if (this.isFunction(likely)) this.ifTargetIs(likely, () => this.jumpToRegion(likely));
    this.lookUpTarget();
    this.code.returnCallIndirect(this.context.regionType, TABLE.regions);
  }

  private isFunction(pc: number | undefined): pc is number {
    const { context } = this;
    return pc !== undefined && (context.regionAt(pc) !== undefined || context.startsFunction(pc));
  }

  /** Emits code for when `target` is the likely address; `otherwise` leaves the same results as `then`, if it is given. */
  private ifTargetIs(likely: number, then: () => void, otherwise?: () => void): void {
    const { code, context } = this;
    code.get(this.target).i64(likely).op("i64_eq");
    code.if(otherwise === undefined ? "void" : context.resultType, then, otherwise);
  }

  /** Pushes sp, an entry number and a table slot if the code map has the target, else leaves. */
  private lookUpTarget(): void {
    const { code } = this;
    const { codeMap, codeMapEntries } = this.context.target;
    code.withLocal("i32", (scratch) => {
      code.get(this.target).op("i32_wrap_i64").i32(2).op("i32_shl");
      code
        .i32((codeMapEntries - 1) << 3)
        .op("i32_and")
        .tee(scratch);
      code.mem("i64_load32_u", codeMap).get(this.target).op("i64_ne");
      code.if("void", () => {
        this.registers.push(SP);
        code.get(this.target).op("return");
      });
      this.registers.push(SP);
      code
        .get(scratch)
        .mem("i32_load", codeMap + 4)
        .tee(scratch);
      code.i32(16).op("i32_shr_u").get(scratch).i32(0xffff).op("i32_and");
    });
  }

  /** Hands the results on the stack to our caller, unless control came back to where a call returns to. */
  expect(back: number): void {
    const { code } = this;
    const sp = this.registers.integer(SP);
    code.set(this.result).set(sp);
    code.get(this.result).i64(back).op("i64_ne");
    code.if("void", () => code.get(sp).get(this.result).op("return"));
  }
}
