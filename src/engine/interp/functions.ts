/** What stands outside the interpreter's loop: the functions that it calls, and how an instruction that fails is left. */
import { CodeBuilder, type Label } from "../../base/wasm/code.ts";
import { CSR } from "../../isa/csr.ts";
import type { FmaMode } from "../../isa/emitter.ts";
import type { Instruction } from "../../isa/instruction.ts";
import { EXIT, type ExitReason, HART } from "../../machine/index.ts";
import { type FaultLabels, InterpreterEmitter } from "./emitter.ts";
import { FLAG_WATCH, LEAVE } from "./leave.ts";

/** Indices of the functions of the interpreter's module. */
export interface Functions {
  readonly syscall: number;
  readonly decode: number;
  readonly frame: number;
  readonly soft: number;
  readonly checkAccess: number;
  /** Functions (record, bias) → i32: 0, or the reason why the instruction did not complete. */
  readonly outOfLine: ReadonlyMap<Instruction, number>;
}

/** Why an instruction does not complete. */
const FAULTS = {
  load: EXIT.LOAD_FAULT,
  store: EXIT.STORE_FAULT,
  misaligned: EXIT.MISALIGNED,
  illegal: EXIT.ILLEGAL,
} as const satisfies Record<keyof FaultLabels, ExitReason>;

const FAULT_NAMES = Object.keys(FAULTS) as (keyof FaultLabels)[];

/** Emits `body` inside a label for each fault, and behind each label what `leave` emits for its reason. */
export function withFaults(
  code: CodeBuilder,
  leave: (reason: ExitReason) => void,
  body: (faults: FaultLabels) => void,
  labels: Partial<Record<keyof FaultLabels, Label>> = {},
): void {
  const name = FAULT_NAMES.find((fault) => labels[fault] === undefined);
  if (name === undefined) {
    body(labels as FaultLabels);
    return;
  }
  code.block("void", (label) => withFaults(code, leave, body, { ...labels, [name]: label }));
  leave(FAULTS[name]);
}

/** An instruction as a function; see {@link Functions.outOfLine}. */
export function buildOutOfLine(
  row: Instruction,
  fma: FmaMode,
  functions: Pick<Functions, "checkAccess" | "soft">,
): CodeBuilder {
  const code = new CodeBuilder(["i32", "i32"]);
  const address = code.local("i64");
  withFaults(
    code,
    (reason) => code.i32(reason).op("return"),
    (faults) => {
      const emitter = new InterpreterEmitter(code, fma, { record: 0, bias: 1, address, ...functions }, faults);
      if (row.kind === "csr") watchFlags(emitter);
      row.lower(emitter);
      code.i32(0).op("return");
    },
  );
  return code.op("unreachable");
}

/** Leaves before an instruction on fflags or fcsr if it is watched for and may not pass; see FLAG_WATCH. */
function watchFlags(emitter: InterpreterEmitter): void {
  const { code } = emitter;
  const watch = () => code.i32(0).mem("i32_load", HART.flagWatch);
  emitter.csr();
  code.i32(CSR.FFLAGS).op("i32_eq");
  emitter.csr();
  code.i32(CSR.FCSR).op("i32_eq", "i32_or");
  watch();
  code
    .i32(FLAG_WATCH.OFF)
    .op("i32_ne", "i32_and")
    .if("void", () => {
      watch();
      code
        .i32(FLAG_WATCH.ON)
        .op("i32_eq")
        .if("void", () => code.i32(LEAVE.FLAGS).op("return"));
      code.i32(0).i32(FLAG_WATCH.ON).mem("i32_store", HART.flagWatch);
    });
}
