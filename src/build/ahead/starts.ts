/** Where code may be entered that no call within the object names: functions whose addresses are in data, or computed. */
import type { ObjectMap } from "../../engine/wasm/objects.ts";
import { MemoryView } from "../../engine/wasm/objects.ts";
import type { CodeObject } from "../../machine/engine.ts";
import { ACCESS, type GuestMemory, LAYOUT, PAGE_SIZE } from "../../machine/memory.ts";
import { type Cfg, discover, WHOLE_FUNCTION } from "../../translate/cfg.ts";
import { Constants, Steps } from "../../translate/step.ts";
import type { TranslateOptions } from "../../translate/target.ts";

/** Addresses of an object's text that its own code computes (auipc or lui, and addi). */
export function computedAddresses(memory: GuestMemory, { start, end }: CodeObject): readonly number[] {
  const steps = new Steps(new MemoryView(memory, () => true));
  const constants = new Constants();
  const found = new Set<number>();
  for (let pc = start; pc < end; ) {
    const step = steps.at(pc);
    if (step === undefined) {
      pc += 2;
      continue;
    }
    const value = constants.follow(step);
    if (step.op.name === "addi" && value !== undefined && value >= start && value < end && value % 2 === 0)
      found.add(value);
    if (step.op.kind === "jal" || step.op.kind === "jalr") constants.clear();
    pc += step.length;
  }
  return [...found];
}

/** Addresses of an object's text that lie in memory as data. */
export function storedAddresses(memory: GuestMemory, { start, end }: CodeObject): readonly number[] {
  const found = new Set<number>();
  const { u32 } = memory;
  for (let page = LAYOUT.mapMin; page < memory.size; page += PAGE_SIZE) {
    if ((memory.accessAt(page) & ACCESS.READ) === 0 || (page >= LAYOUT.arenaLow && page < LAYOUT.arenaHigh)) continue;
    for (let at = page >>> 2; at < (page + PAGE_SIZE) >>> 2; at += 2) {
      const value = u32[at]!;
      if (u32[at + 1] === 0 && value >= start && value < end && value % 2 === 0) found.add(value);
    }
  }
  return [...found];
}

/** Whether a call is what lies before an address: then the address is one that calls leave for their return. */
export function followsCall(memory: GuestMemory, pc: number): boolean {
  const steps = new Steps(new MemoryView(memory, () => true));
  return [steps.at(pc - 4), steps.at(pc - 2)].some(
    (step) =>
      step !== undefined &&
      step.pc + step.length === pc &&
      (step.op.kind === "jal" || step.op.kind === "jalr") &&
      step.rd === 1,
  );
}

export interface Reached {
  /** Where regions start, so that control flow leaves none of them for a place without a region. */
  readonly starts: readonly number[];
  /** Whether any of the code computes with floating point. */
  readonly float: boolean;
}

/**
 * Follows control flow from these starts through one object, until every direct jump leads into a region. What lies in a known
 * function and is not reached then is reached by jumps that nobody can follow: it becomes regions too.
 */
export function reachable(
  object: CodeObject,
  memory: GuestMemory,
  functions: ObjectMap,
  from: Iterable<number>,
  options: Pick<TranslateOptions, "fflags">,
): Reached {
  const code = new MemoryView(memory, (pc) => pc >= object.start && pc < object.end);
  const covered = new Uint8Array((object.end - object.start) / 2);
  const known = new Set<number>();
  const starts: number[] = [];
  let float = false;
  /** Visits a start, and then every one that it leads to. */
  const visit = (first: number): void => {
    const pending = [first];
    for (let start = pending.pop(); start !== undefined; start = pending.pop()) {
      if (known.has(start)) continue;
      known.add(start);
      const cfg = discover(code, functions, start, () => undefined, WHOLE_FUNCTION, options);
      if (cfg === undefined) continue;
      starts.push(start);
      float ||= hasFloat(cfg);
      for (const { pc, limit } of cfg.blocks.values())
        covered.fill(1, (pc - object.start) / 2, (limit - object.start) / 2);
      pending.push(...exits(cfg).filter((target) => target >= object.start && target < object.end));
    }
  };
  for (const start of from) visit(start);
  for (const { address, size } of object.symbols()) {
    for (let pc = address; pc < address + size; pc += 2) {
      if (covered[(pc - object.start) / 2] === 0 && isCode(code, pc)) visit(pc);
    }
  }
  return { starts: starts.sort((a, b) => a - b), float };
}

/** Padding between blocks is no code, and neither is what cannot be decoded. */
function isCode(code: MemoryView, pc: number): boolean {
  const word = code.half(pc);
  return word !== undefined && word !== 0 && word !== NOP;
}

/** c.nop */
const NOP = 1;

function hasFloat({ blocks }: Cfg): boolean {
  return [...blocks.values()].some(({ steps }) => steps.some(({ op }) => op.extension === "F" || op.extension === "D"));
}

/**
 * Known addresses that a region is left for, or that it calls. A thread that slept in a system call, or had a handler called there,
 * goes on behind it or makes it again; a child begins behind the call that made it. A region that starts with a call is for both.
 */
function exits({ blocks }: Cfg): readonly number[] {
  return [...blocks.values()].flatMap(({ end, next }) => {
    if (end.kind === "ecall") return [end.next - ECALL_BYTES];
    const targets = end.kind === "call" ? [end.target, ...next] : next;
    return targets.filter((pc) => !blocks.has(pc));
  });
}

/** An ecall has no compressed form. */
const ECALL_BYTES = 4;
