/** What the functions of one module share: indices of imports, helpers and tables, and how to reach other regions. */
import type { Target, TranslateOptions } from "./target.ts";

export interface ModuleContext {
  readonly target: Target;
  readonly options: TranslateOptions;
  /** Type of every region: (entry) → next pc, or an odd number if the hart was left. */
  readonly regionType: number;
  /** Function indices. */
  readonly functions: {
    /** () → i32: not 0 to leave. */
    readonly syscall: number;
    /** (operation): out-of-line floating point. */
    readonly soft: number;
    /** (pc i64, reason i32) → 1: writes both to the hart. */
    readonly leave: number;
    /** (target i64) → pc: for an address that is not translated; one that is no code address at all leaves. */
    readonly leaveFor: number;
    /** (address i32) → pc: goes on at an address within a function, by the code map. */
    readonly goOn: number;
    /** (address i64, bytes i32, access i32) → i32: not 0 if refused; faultAddress is set. Only under `paged`. */
    readonly checkAccess: number | undefined;
  };
  /** Function index of the region that starts at an address, if it is in this module. */
  regionAt(pc: number): number | undefined;
  /** Whether a function is known to start at an address. */
  startsFunction(pc: number): boolean;
  /** Index in the module's table of links of a region that is elsewhere, or not translated yet. */
  linkTo(pc: number): number;
}

/** Tables of a module: the space's table of all regions, and the module's own of the regions that it calls. */
export const TABLE = { regions: 0, links: 1 } as const;
