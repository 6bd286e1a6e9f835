/** Semantics of the A extension, by wasm atomics on the shared memory. All are sequentially consistent. */
import type { MemOpName, OpName } from "../../base/wasm/opcodes.ts";
import type { Emitter } from "../emitter.ts";
import type { Lower } from "../instruction.ts";

/** What differs between words and doublewords. */
interface Width {
  readonly bytes: 4 | 8;
  readonly type: "i32" | "i64";
  readonly operand: (e: Emitter) => void;
  readonly set: (e: Emitter, value: () => void) => void;
  /** Conversions between this type and the 64 bits of `reservedValue`. */
  readonly widen: (e: Emitter) => void;
  readonly narrow: (e: Emitter) => void;
}

const WORD: Width = {
  bytes: 4,
  type: "i32",
  operand: (e) => e.xw("rs2"),
  set: (e, value) => e.setXw(value),
  widen: (e) => void e.code.op("i64_extend_i32_s"),
  narrow: (e) => void e.code.op("i32_wrap_i64"),
};

const DOUBLE: Width = {
  bytes: 8,
  type: "i64",
  operand: (e) => e.x("rs2"),
  set: (e, value) => e.setX(value),
  widen: () => undefined,
  narrow: () => undefined,
};

export const ATOMIC_WIDTH = { w: WORD, d: DOUBLE } as const;

/** LR: remembers the address and what was there, so that SC can be a compare-and-exchange. */
export const loadReserved =
  (width: Width): Lower =>
  (e) => {
    const { code } = e;
    code.withLocal("i32", (address) =>
      code.withLocal("i64", (value) => {
        e.atomicAddress(width.bytes, "read");
        code.tee(address).mem(`${width.type}_atomic_load`);
        width.widen(e);
        code.set(value);
        e.setHartLong("reserved", () => code.get(address).op("i64_extend_i32_u"));
        e.setHartLong("reservedValue", () => code.get(value));
        e.setX(() => code.get(value));
      }),
    );
  };

/**
 * SC: stores if memory still holds what LR saw there. A value that was changed and changed back goes unnoticed, as under
 * QEMU; code that uses LR/SC as the ABI's constrained loops do cannot tell.
 */
export const storeConditional =
  (width: Width): Lower =>
  (e) => {
    const { code } = e;
    code.withLocal("i32", (address) =>
      code.withLocal("i32", (failed) => {
        const expected = () => {
          e.hartLong("reservedValue");
          width.narrow(e);
        };
        e.atomicAddress(width.bytes, "write");
        code.tee(address).op("i64_extend_i32_u");
        e.hartLong("reserved");
        code.op("i64_eq").if(
          "i32",
          () => {
            code.get(address);
            expected();
            width.operand(e);
            code.mem(`${width.type}_atomic_rmw_cmpxchg`);
            expected();
            code.op(`${width.type}_ne`);
          },
          () => code.i32(1),
        );
        code.set(failed);
        e.setHartLong("reserved", () => code.i64(-1));
        e.setXw(() => code.get(failed));
      }),
    );
  };

type ReadModifyWrite = "add" | "and" | "or" | "xor" | "xchg";

/** An AMO that wasm has. */
export const atomic =
  (width: Width, name: ReadModifyWrite): Lower =>
  (e) =>
    width.set(e, () => {
      const op: MemOpName = `${width.type}_atomic_rmw_${name}`;
      e.atomicAddress(width.bytes, "write");
      width.operand(e);
      e.code.mem(op);
    });

/** A minimum or maximum: compare-and-exchange until nobody came between. */
export const atomicChoice =
  (width: Width, compare: "lt_s" | "lt_u" | "gt_s" | "gt_u"): Lower =>
  (e) => {
    const { code } = e;
    const wins: OpName = `${width.type}_${compare}`;
    code.withLocal("i32", (address) =>
      code.withLocal(width.type, (operand) =>
        code.withLocal(width.type, (old) => {
          e.atomicAddress(width.bytes, "write");
          code.tee(address).mem(`${width.type}_atomic_load`).set(old);
          width.operand(e);
          code.set(operand);
          code.withLocal(width.type, (seen) =>
            code.loop("void", (again) => {
              code.get(address).get(old);
              code.get(old).get(operand).get(old).get(operand).op(wins, "select");
              code.mem(`${width.type}_atomic_rmw_cmpxchg`).tee(seen);
              code.get(old).get(seen).set(old).op(`${width.type}_ne`).brIf(again);
            }),
          );
          width.set(e, () => code.get(old));
        }),
      ),
    );
  };
