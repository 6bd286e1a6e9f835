/** Semantics of Zicsr on the registers of user mode. */
import type { Local } from "../../base/wasm/code.ts";
import { CSR } from "../csr.ts";
import type { Emitter } from "../emitter.ts";
import type { Lower } from "../instruction.ts";

/** How one CSR is read (pushes i64) and written (takes its i64 from a local); a read-only one is not written. */
interface Access {
  read(e: Emitter): void;
  write?(e: Emitter, value: Local): void;
}

const FFLAGS_MASK = 0x1f;
const FRM_MASK = 7;
const FRM_SHIFT = 5;

function bits(e: Emitter, value: Local, shift: number, mask: number): void {
  e.code.get(value).op("i32_wrap_i64");
  if (shift > 0) e.code.i32(shift).op("i32_shr_u");
  e.code.i32(mask).op("i32_and");
}

const fflags: Access = {
  read(e) {
    e.hartWord("fflags");
    e.code.op("i64_extend_i32_u");
  },
  write: (e, value) => e.setHartWord("fflags", () => bits(e, value, 0, FFLAGS_MASK)),
};

const frm: Access = {
  read(e) {
    e.hartWord("frm");
    e.code.op("i64_extend_i32_u");
  },
  write: (e, value) => e.setHartWord("frm", () => bits(e, value, 0, FRM_MASK)),
};

const fcsr: Access = {
  read(e) {
    e.hartWord("frm");
    e.code.i32(FRM_SHIFT).op("i32_shl");
    e.hartWord("fflags");
    e.code.op("i32_or", "i64_extend_i32_u");
  },
  write(e, value) {
    e.setHartWord("fflags", () => bits(e, value, 0, FFLAGS_MASK));
    e.setHartWord("frm", () => bits(e, value, FRM_SHIFT, FRM_MASK));
  },
};

const cycle: Access = { read: (e) => e.hartLong("cycle") };
const time: Access = { read: (e) => e.hartLong("time") };

// Cycles and retired instructions advance together here, so one counter answers for both.
const ACCESS: ReadonlyMap<number, Access> = new Map([
  [CSR.FFLAGS, fflags],
  [CSR.FRM, frm],
  [CSR.FCSR, fcsr],
  [CSR.CYCLE, cycle],
  [CSR.TIME, time],
  [CSR.INSTRET, cycle],
]);

type Action = "write" | "set" | "clear";

/** An instruction that reads a CSR into rd and writes, sets or clears its bits by rs1 or the immediate. */
export const csr =
  (action: Action, source: "rs1" | "imm"): Lower =>
  (e) =>
    onCsr(e, (access) => exchange(e, access, action, () => (source === "imm" ? e.imm() : e.x(source))));

function exchange(e: Emitter, access: Access, action: Action, operand: () => void): void {
  const { code } = e;
  code.withLocal("i64", (old) =>
    code.withLocal("i64", (value) => {
      access.read(e);
      code.set(old);
      if (access.write !== undefined) {
        if (action !== "write") code.get(old);
        operand();
        if (action === "set") code.op("i64_or");
        if (action === "clear") code.i64(-1).op("i64_xor", "i64_and");
        code.set(value);
        access.write(e, value);
      }
      e.setX(() => code.get(old));
    }),
  );
}

/** Emits `use` for the one CSR that the emitter knows, or a choice among all. */
function onCsr(e: Emitter, use: (access: Access) => void): void {
  const known = e.staticCsr;
  if (known !== undefined) {
    const access = ACCESS.get(known);
    if (access === undefined) e.illegal();
    else use(access);
    return;
  }
  const { code } = e;
  code.block("void", (done) => {
    for (const [number, access] of ACCESS) {
      e.csr();
      code
        .i32(number)
        .op("i32_eq")
        .if("void", () => {
          use(access);
          code.br(done);
        });
    }
    e.illegal();
  });
}
