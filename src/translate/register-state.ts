/** Where the guest's registers are at one point of a region's code: in locals, in the register file, or known to be constant. */
import type { CodeBuilder, Local } from "../base/wasm/code.ts";
import type { NarrowSet } from "./narrow.ts";
import { each, type RegisterSet, SP } from "./register-set.ts";
import { Constants } from "./step.ts";
import type { HartLayout } from "./target.ts";

const REGISTER_BYTES = 8;

/** What holds where a block begins. */
export interface BlockState {
  /** Registers that are in locals. */
  readonly heldX: number;
  readonly heldF: number;
  /** Those of them that are newer than the register file. */
  readonly dirtyX: number;
  readonly dirtyF: number;
  /** Registers whose word local is valid. */
  readonly narrow: NarrowSet;
}

const NOTHING_HELD: BlockState = { heldX: 0, heldF: 0, dirtyX: 0, dirtyF: 0, narrow: 1 };

export class RegisterState {
  /** Constants in integer registers at this point of the block. */
  readonly constants = new Constants();
  /** Registers whose word local is valid. */
  narrow: NarrowSet = 1;
  private readonly code: CodeBuilder;
  private readonly hart: Pick<HartLayout, "x" | "f">;
  private heldX = 0;
  private heldF = 0;
  private dirtyX = 0;
  private dirtyF = 0;
  private readonly integerLocals: (Local | undefined)[] = [];
  private readonly wordLocals: (Local | undefined)[] = [];
  private readonly floatLocals: (Local | undefined)[] = [];

  constructor(code: CodeBuilder, hart: Pick<HartLayout, "x" | "f">, sp: Local) {
    this.code = code;
    this.hart = hart;
    this.integerLocals[SP] = sp;
  }

  /** Forgets what was known along the block before. */
  begin({ heldX, heldF, dirtyX, dirtyF, narrow }: BlockState = NOTHING_HELD): void {
    this.constants.clear();
    this.heldX = heldX;
    this.heldF = heldF;
    this.dirtyX = dirtyX;
    this.dirtyF = dirtyF;
    this.narrow = narrow;
  }

  /** Byte offset of an integer register in the register file. */
  placeOf(register: number): number {
    return this.hart.x + register * REGISTER_BYTES;
  }

  placeOfFloat(register: number): number {
    return this.hart.f + register * REGISTER_BYTES;
  }

  integer(register: number): Local {
    this.integerLocals[register] ??= this.code.local("i64");
    return this.integerLocals[register];
  }

  word(register: number): Local {
    this.wordLocals[register] ??= this.code.local("i32");
    return this.wordLocals[register];
  }

  float(register: number): Local {
    this.floatLocals[register] ??= this.code.local("f64");
    return this.floatLocals[register];
  }

  isNarrow(register: number): boolean {
    return ((this.narrow >>> register) & 1) === 1;
  }

  /** Whether an integer register is in a local. */
  holds(register: number): boolean {
    return ((this.heldX >>> register) & 1) === 1;
  }

  /** Loads those of some registers that are not in locals. Nothing may be on the way that could be jumped over. */
  require(x: number, f: number): void {
    const missingX = x & ~this.heldX;
    const missingF = f & ~this.heldF;
    if ((missingX | missingF) === 0) return;
    this.load(missingX, missingF);
    this.heldX |= missingX;
    this.heldF |= missingF;
  }

  /** Accounts for registers that were written; `stored` if to the register file too. */
  wrote({ x, f }: RegisterSet, stored: boolean): void {
    this.heldX |= x;
    this.heldF |= f;
    this.dirtyX = stored ? this.dirtyX & ~x : this.dirtyX | x;
    this.dirtyF = stored ? this.dirtyF & ~f : this.dirtyF | f;
  }

  /** Loads registers from the register file to their locals. */
  load(x: number, f = 0): void {
    const { code } = this;
    each(x, (r) => code.i32(0).memRelocatable("i64_load", this.placeOf(r)).set(this.integer(r)));
    each(f, (r) => code.i32(0).memRelocatable("f64_load", this.placeOfFloat(r)).set(this.float(r)));
  }

  /** Stores registers to the register file. */
  store(x: number, f: number): void {
    const { code } = this;
    each(x, (r) => {
      code.i32(0);
      this.push(r);
      code.memRelocatable("i64_store", this.placeOf(r));
    });
    each(f, (r) => code.i32(0).get(this.float(r)).memRelocatable("f64_store", this.placeOfFloat(r)));
  }

  /** Stores what is dirty at this point of the block; on other ways from here it is dirty still. */
  storeDirty(): void {
    this.store(this.dirtyX, this.dirtyF);
  }

  /** Stores those of some registers that are dirty, for good. */
  clean(x: number, f: number): void {
    this.store(this.dirtyX & x, this.dirtyF & f);
    this.dirtyX &= ~x;
    this.dirtyF &= ~f;
  }

  /** Makes true what holds elsewhere, on the way there; on other ways from here all stays as it is. */
  passTo({ heldX, heldF, dirtyX, dirtyF }: BlockState): void {
    this.store(this.dirtyX & ~dirtyX, this.dirtyF & ~dirtyF);
    this.load(heldX & ~this.heldX, heldF & ~this.heldF);
  }

  /** Whether {@link passTo} would have anything to do. */
  mustPass({ heldX, heldF, dirtyX, dirtyF }: BlockState): boolean {
    return ((this.dirtyX & ~dirtyX) | (this.dirtyF & ~dirtyF) | (heldX & ~this.heldX) | (heldF & ~this.heldF)) !== 0;
  }

  /** Goes on behind a system call, which everything was stored for, and which wrote one register. */
  afterSystemCall(result: number): void {
    this.constants.clear();
    this.heldX &= ~(1 << result);
    this.narrow &= ~(1 << result);
    this.dirtyX = 0;
    this.dirtyF = 0;
  }

  /** Pushes an integer register: i64. */
  push(register: number): void {
    const constant = this.constants.get(register);
    if (constant !== undefined) this.code.i64(constant);
    else this.code.get(this.integer(register));
  }

  /** Pushes the low word of an integer register: i32. */
  pushWord(register: number): void {
    const constant = this.constants.get(register);
    if (constant !== undefined) this.code.i32(constant | 0);
    else if (this.isNarrow(register)) this.code.get(this.word(register));
    else this.code.get(this.integer(register)).op("i32_wrap_i64");
  }
}
