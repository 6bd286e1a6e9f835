/** What the functions of one module share: indices of imports, helpers and tables, and how to reach other regions. */
import type { Target, TranslateOptions } from "./target.ts";

export interface ModuleContext {
  readonly target: Target;
  readonly options: TranslateOptions;
  /**
   * Type of every region: (sp i64, entry i32) → (sp i64, next pc i64), or an odd number for pc if the hart was left; then sp
   * is anything. sp is in the register file as well, but calls and returns need not wait for it to come from there.
   */
  readonly regionType: number;
  /** Type of a piece of code that leaves what a region answers. */
  readonly resultType: number;
  /** Function indices. */
  readonly functions: {
    /** () → i32: not 0 to leave. */
    readonly syscall: number;
    /** (operation): out-of-line floating point. */
    readonly soft: number;
    /** (pc i64, reason i32) → (any sp, 1): writes both to the hart. */
    readonly leave: number;
    /** A region that goes on at an address within a function, by the code map; the address stands for the entry. */
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
