/**
 * What translated code must know of the machine that it runs on, and how it is to behave there.
 *
 * The translator imports nothing of the machine: these numbers are its input like the guest's bytes, and belong to the
 * code key with them.
 */
import type { FmaMode } from "../isa/index.ts";

/** Byte offsets of the hart's words within guest memory. */
export interface HartLayout {
  readonly x: number;
  readonly f: number;
  readonly pc: number;
  readonly fflags: number;
  readonly frm: number;
  readonly reserved: number;
  readonly reservedValue: number;
  readonly stackLow: number;
  readonly stackSize: number;
  readonly poll: number;
  readonly fuel: number;
  readonly exit: number;
  readonly faultAddress: number;
  readonly retired: number;
  readonly cycle: number;
  readonly time: number;
  readonly soft0: number;
  readonly soft1: number;
  readonly soft2: number;
  readonly softResult: number;
  readonly softRm: number;
}

/** Values of the hart's `exit` word that translated code writes. */
export interface ExitCodes {
  readonly POLL: number;
  readonly LOAD_FAULT: number;
  readonly STORE_FAULT: number;
  readonly FETCH_FAULT: number;
  readonly MISALIGNED: number;
  readonly ILLEGAL: number;
  readonly BREAKPOINT: number;
  /** fence.i: whatever was translated from writable memory is stale. pc is the next instruction. */
  readonly FENCE: number;
}

/** The machine. */
export interface Target {
  readonly hart: HartLayout;
  readonly exit: ExitCodes;
  /** One access byte for each guest page: bit 0 to read, bit 1 to write. */
  readonly pageTable: number;
  /** Addresses below are never mapped. */
  readonly kernelEnd: number;
  /** The code map: `codeMapEntries` records of two words, the address and `slot | entry << 16`, hashed by address / 2. */
  readonly codeMap: number;
  readonly codeMapEntries: number;
  /** Pages of 64 KB that the imported memory may have. */
  readonly maxPages: number;
}

/** What a translation depends on beyond bytes, address and machine. */
export interface TranslateOptions {
  readonly policy: "flat" | "null" | "paged";
  readonly poll: "flag" | "fuel";
  readonly fflags: boolean;
  readonly count: boolean;
  readonly fma: FmaMode;
}

/** Raised with each change of what is emitted: translations kept on disk are found by it. */
export const TRANSLATOR_VERSION = 8;

/** Guest memory as the translator may read it. */
export interface CodeView {
  /** Two bytes of executable code, or undefined where there is none. The translation is valid as long as they are the same. */
  half(address: number): number | undefined;
  /** Four bytes of data, or undefined. They only suggest where jumps go, which is verified when it happens. */
  word(address: number): number | undefined;
}

/** Function bounds and names, as far as anybody knows them. */
export interface FunctionMap {
  /** End of the function that starts at `address`, or undefined if none is known to start there. */
  endOf(address: number): number | undefined;
  /** The function that contains `address`: its name and start. */
  nameOf(address: number): string;
}
