import { type CodeCompiler, EXIT, type ExitReason, HART, TRAP, type TrapHandler } from "../../machine/index.ts";
import { HEAT } from "../code-map.ts";
import type { MemorySlot } from "../space-pool.ts";
import { DecodeCache } from "./decode-cache.ts";
import { LEAVE } from "./leave.ts";
import type { LoopOptions } from "./loop.ts";
import { buildInterpreter, interpreterName } from "./module.ts";

/** Why {@link Interpreter.run} returned. */
export type LeaveReason = ExitReason | typeof TRAP.ELSEWHERE | (typeof LEAVE)[keyof typeof LEAVE];

/** How a run goes. The variants share what was decoded, and may take turns at any safepoint. */
export interface RunMode {
  /** Whether to leave where translated code exists, and where code becomes hot. */
  readonly tiering: boolean;
  /** Whether to leave after exactly so many instructions, with EXIT.POLL; the poll word is not looked at then. */
  readonly exact: boolean;
}

type RunFunction = (fuel: number, heat: number) => number;

/** The interpreter's compiled modules, made once for each host compiler. */
const modules = new WeakMap<CodeCompiler, Map<string, unknown>>();

const PART = Symbol("interpreter");

/**
 * Takes the interpreter of a memory slot, making it if the slot has none. It checks every access against the page
 * table, whatever the policy, and honours rounding modes and exception flags exactly.
 */
export function interpreterOf(slot: MemorySlot, compiler: CodeCompiler, handler: TrapHandler): Interpreter {
  const interpreter = (slot.parts.get(PART) as Interpreter | undefined) ?? new Interpreter(slot, compiler);
  slot.parts.set(PART, interpreter);
  interpreter.handler = handler;
  return interpreter;
}

/** Runs guest code of one memory, one instruction at a time. */
export class Interpreter {
  /** Answers the ecalls of the address space that has the memory now. */
  handler: TrapHandler = { syscall: () => TRAP.LEAVE };
  /** Instructions run so far. An ecall counts, an instruction that faulted does not. */
  retired = 0;
  private readonly compiler: CodeCompiler;
  private readonly slot: MemorySlot;
  private readonly cache: DecodeCache;
  private readonly imports: Readonly<Record<string, unknown>>;
  private readonly variants: (RunFunction | undefined)[] = [];
  private counted = false;

  constructor(slot: MemorySlot, compiler: CodeCompiler) {
    this.slot = slot;
    this.compiler = compiler;
    const cache = new DecodeCache(slot.memory, slot.clear);
    this.cache = cache;
    this.imports = {
      memory: slot.handle,
      syscall: () => this.handler.syscall(),
      frame: (pc: number) => cache.addFrame(pc >>> 0),
      soft: slot.soft,
    };
  }

  /**
   * Runs from the hart's pc until something happens.
   *
   * @param fuel - instructions to run, below 2^31: exactly, or until the first jump behind them (LEAVE.SLICE).
   * @param heat - how often an address is jumped to before it is reported hot; below 2^16.
   */
  run(mode: RunMode, fuel: number, heat = 0): LeaveReason {
    if (fuel <= 0) return mode.exact ? EXIT.POLL : LEAVE.SLICE;
    if (mode.tiering) this.counted = true;
    const run = this.variant(mode);
    const reason = run(fuel, heat) as LeaveReason;
    this.retired += fuel - this.slot.memory.i32[HART.fuel >>> 2]!;
    return reason;
  }

  /** Whether the instruction at an address was ever run, as far as that is still known. */
  hasRun(pc: number): boolean {
    return this.cache.has(pc);
  }

  /** Forgets what was decoded from a range of addresses. */
  invalidate(start: number, end: number): void {
    this.cache.invalidate(start, end);
  }

  /** Forgets all that was decoded. */
  flush(): void {
    this.cache.flush();
  }

  /** Forgets everything about the address space that had the memory. */
  reset(): void {
    this.flush();
    if (this.counted) this.slot.clear(HEAT.base, HEAT.bytes);
    this.counted = false;
    this.retired = 0;
  }

  private variant(mode: RunMode): RunFunction {
    const index = (mode.tiering ? 1 : 0) | (mode.exact ? 2 : 0);
    this.variants[index] ??= this.instantiate(mode);
    return this.variants[index];
  }

  private instantiate({ tiering, exact }: RunMode): RunFunction {
    const { compiler } = this;
    const fma = compiler.fusedMultiplyAdd ? "relaxed" : "soft";
    const compiled = modules.get(compiler) ?? new Map<string, unknown>();
    modules.set(compiler, compiled);
    const options: LoopOptions = { fma, tiering, exact };
    const name = interpreterName(options);
    const module = compiled.get(name) ?? this.compile(name, options);
    compiled.set(name, module);
    return compiler.instantiate(module, { env: this.imports }).run as unknown as RunFunction;
  }

  /**
   * The loop is so large that a host which measures work in bytes of code would optimise it after some hundred
   * instructions, for longer than most short programs run.
   */
  private compile(name: string, options: LoopOptions): unknown {
    return this.compiler.compile(this.compiler.prebuilt?.(name) ?? buildInterpreter(options), "patient", name);
  }
}
