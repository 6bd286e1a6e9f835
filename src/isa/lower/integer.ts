/** Semantics of the integer instructions: I, M, Zba, Zbb, Zbs, Zicond. */
import type { Local } from "../../base/wasm/code.ts";
import type { MemOpName, OpName } from "../../base/wasm/opcodes.ts";
import type { Emitter } from "../emitter.ts";
import type { Lower } from "../instruction.ts";

/** rd = rs1 op rs2, on 64 bits. Shift counts are taken modulo the width by wasm as by RISC-V. */
export const binary =
  (name: OpName): Lower =>
  (e) =>
    e.setX(() => {
      e.x("rs1");
      e.x("rs2");
      e.code.op(name);
    });

/** rd = rs1 op imm, on 64 bits. */
export const binaryImmediate =
  (name: OpName): Lower =>
  (e) =>
    e.setX(() => {
      e.x("rs1");
      e.imm();
      e.code.op(name);
    });

/** rd = sign extension of rs1 op rs2, on 32 bits. */
export const binaryWord =
  (name: OpName): Lower =>
  (e) =>
    e.setXw(() => {
      e.xw("rs1");
      e.xw("rs2");
      e.code.op(name);
    });

/** rd = sign extension of rs1 op imm, on 32 bits. */
export const binaryWordImmediate =
  (name: OpName): Lower =>
  (e) =>
    e.setXw(() => {
      e.xw("rs1");
      e.immw();
      e.code.op(name);
    });

/** rd = ops applied to rs1. */
export const unary =
  (...names: readonly [OpName, OpName?, OpName?]): Lower =>
  (e) =>
    e.setX(() => {
      e.x("rs1");
      e.code.op(...names);
    });

/** rd = sign extension of ops applied to the low word of rs1. */
export const unaryWord =
  (...names: readonly [OpName, OpName?, OpName?]): Lower =>
  (e) =>
    e.setXw(() => {
      e.xw("rs1");
      e.code.op(...names);
    });

/** rd = whether rs1 compares so with rs2. */
export const compare =
  (name: OpName): Lower =>
  (e) =>
    e.setXw(() => {
      e.x("rs1");
      e.x("rs2");
      e.code.op(name);
    });

/** rd = whether rs1 compares so with imm. */
export const compareImmediate =
  (name: OpName): Lower =>
  (e) =>
    e.setXw(() => {
      e.x("rs1");
      e.imm();
      e.code.op(name);
    });

/** Leaves whether to branch. */
export const branch =
  (name: OpName): Lower =>
  (e) => {
    e.x("rs1");
    e.x("rs2");
    e.code.op(name);
  };

export const load =
  (name: MemOpName): Lower =>
  (e) =>
    e.setX(() => e.load(name));

export const store =
  (name: MemOpName): Lower =>
  (e) =>
    e.store(name, () => e.x("rs2"));

export const lui: Lower = (e) => e.setX(() => e.imm());

export const auipc: Lower = (e) =>
  e.setX(() => {
    e.pc();
    e.imm();
    e.code.op("i64_add");
  });

/** Leaves the target of jalr. */
export const jalr: Lower = (e) => {
  e.x("rs1");
  e.imm();
  e.code.op("i64_add").i64(-2).op("i64_and");
};

/**
 * Orders nothing that is not in order: the harts of an address space take turns on one thread of the host, and each sees what
 * ran before it. WebAssembly has only the strongest of fences, some 100 cycles; harts that run side by side will need it.
 */
export const fence: Lower = () => {};

/** Lends two i64 locals that hold rs1 and rs2. */
function withOperands(e: Emitter, use: (a: Local, b: Local) => void): void {
  e.code.withLocal("i64", (a) =>
    e.code.withLocal("i64", (b) => {
      e.x("rs1");
      e.code.set(a);
      e.x("rs2");
      e.code.set(b);
      use(a, b);
    }),
  );
}

/** Which operands of a high multiplication are signed. */
type Signs = "neither" | "first" | "both";

/** rd = upper half of the 128-bit product, from four products of 32-bit halves (Warren, Hacker's Delight, 8-2). */
export const multiplyHigh =
  (signs: Signs): Lower =>
  (e) =>
    e.setX(() =>
      withOperands(e, (a, b) =>
        e.code.withLocal("i64", (t) => {
          const { code } = e;
          const low = (x: Local) => code.get(x).i64(0xffff_ffff).op("i64_and");
          const high = (x: Local) => code.get(x).i64(32).op("i64_shr_u");
          low(a);
          low(b).op("i64_mul").i64(32).op("i64_shr_u");
          high(a);
          low(b).op("i64_mul", "i64_add").set(t);
          low(a);
          high(b).op("i64_mul");
          low(t).op("i64_add").i64(32).op("i64_shr_u");
          high(t).op("i64_add");
          high(a);
          high(b).op("i64_mul", "i64_add");
          // A negative factor was taken as 2^64 more than it is.
          const correct = (x: Local, y: Local) => code.get(x).i64(63).op("i64_shr_s").get(y).op("i64_and", "i64_sub");
          if (signs !== "neither") correct(a, b);
          if (signs === "both") correct(b, a);
        }),
      ),
    );

/** rd = signed quotient: -1 by zero; the dividend for the one overflow, where wasm would trap. */
export const divide: Lower = (e) =>
  e.setX(() =>
    withOperands(e, (a, b) => {
      const { code } = e;
      code.get(b).i64(1).op("i64_add").i64(1).op("i64_le_u");
      code.if(
        "i64",
        () => code.i64(-1).i64(0).get(a).op("i64_sub").get(b).op("i64_eqz", "select"),
        () => code.get(a).get(b).op("i64_div_s"),
      );
    }),
  );

/** rd = what `name` answers, or `byZero` if rs2 is zero, where wasm would trap. */
export const divideUnlessZero =
  (name: "i64_div_u" | "i64_rem_s" | "i64_rem_u", byZero: "ones" | "dividend"): Lower =>
  (e) =>
    e.setX(() =>
      withOperands(e, (a, b) => {
        const { code } = e;
        code.get(b).op("i64_eqz");
        code.if(
          "i64",
          () => (byZero === "ones" ? code.i64(-1) : code.get(a)),
          () => code.get(a).get(b).op(name),
        );
      }),
    );

/** Lends two i32 locals that hold the low words of rs1 and rs2. */
function withWords(e: Emitter, use: (a: Local, b: Local) => void): void {
  e.code.withLocal("i32", (a) =>
    e.code.withLocal("i32", (b) => {
      e.xw("rs1");
      e.code.set(a);
      e.xw("rs2");
      e.code.set(b);
      use(a, b);
    }),
  );
}

/** As {@link divide}, on 32 bits. */
export const divideWord: Lower = (e) =>
  e.setXw(() =>
    withWords(e, (a, b) => {
      const { code } = e;
      code.get(b).i32(1).op("i32_add").i32(1).op("i32_le_u");
      code.if(
        "i32",
        () => code.i32(-1).i32(0).get(a).op("i32_sub").get(b).op("i32_eqz", "select"),
        () => code.get(a).get(b).op("i32_div_s"),
      );
    }),
  );

/** As {@link divideUnlessZero}, on 32 bits. */
export const divideWordUnlessZero =
  (name: "i32_div_u" | "i32_rem_s" | "i32_rem_u", byZero: "ones" | "dividend"): Lower =>
  (e) =>
    e.setXw(() =>
      withWords(e, (a, b) => {
        const { code } = e;
        code.get(b).op("i32_eqz");
        code.if(
          "i32",
          () => (byZero === "ones" ? code.i32(-1) : code.get(a)),
          () => code.get(a).get(b).op(name),
        );
      }),
    );

/** Pushes the low word of rs1, zero-extended. */
function unsignedWord(e: Emitter): void {
  e.xw("rs1");
  e.code.op("i64_extend_i32_u");
}

/** rd = (rs1 << shift) + rs2. */
export const shiftAdd =
  (shift: 1 | 2 | 3): Lower =>
  (e) =>
    e.setX(() => {
      e.x("rs1");
      e.code.i64(shift).op("i64_shl");
      e.x("rs2");
      e.code.op("i64_add");
    });

/** As {@link shiftAdd}, with the low word of rs1 zero-extended. */
export const shiftAddUnsignedWord =
  (shift: 0 | 1 | 2 | 3): Lower =>
  (e) =>
    e.setX(() => {
      unsignedWord(e);
      if (shift > 0) e.code.i64(shift).op("i64_shl");
      e.x("rs2");
      e.code.op("i64_add");
    });

export const shiftUnsignedWord: Lower = (e) =>
  e.setX(() => {
    unsignedWord(e);
    e.imm();
    e.code.op("i64_shl");
  });

/** rd = rs1 op ~rs2. */
export const binaryNot =
  (name: OpName): Lower =>
  (e) =>
    e.setX(() => {
      e.x("rs1");
      e.x("rs2");
      e.code.i64(-1).op("i64_xor", name);
    });

/** rd = whichever of rs1 and rs2 compares so with the other. */
export const choose =
  (name: OpName): Lower =>
  (e) =>
    e.setX(() =>
      withOperands(e, (a, b) => {
        e.code.get(a).get(b).get(a).get(b).op(name, "select");
      }),
    );

/** rd = low half word of rs1, zero-extended. */
export const zeroExtendHalf: Lower = (e) =>
  e.setX(() => {
    e.x("rs1");
    e.code.i64(0xffff).op("i64_and");
  });

/** rd = rs1 with each byte that is not zero made 0xff. */
export const orCombineBytes: Lower = (e) =>
  e.setX(() =>
    e.code.withLocal("i64", (a) => {
      e.x("rs1");
      // The carry of 0x7f + the low seven bits reaches bit 7 unless they are all zero.
      const low7 = 0x7f7f_7f7f_7f7f_7f7fn;
      e.code.tee(a).i64(low7).op("i64_and").i64(low7).op("i64_add").get(a).op("i64_or");
      e.code.i64(7).op("i64_shr_u").i64(0x0101_0101_0101_0101n).op("i64_and").i64(0xff).op("i64_mul");
    }),
  );

/** rd = rs1 with its bytes in the opposite order. */
export const reverseBytes: Lower = (e) =>
  e.setX(() =>
    e.code.withLocal("i64", (a) => {
      const { code } = e;
      const swap = (shift: number, mask: bigint) =>
        code
          .tee(a)
          .i64(mask)
          .op("i64_and")
          .i64(shift)
          .op("i64_shl")
          .get(a)
          .i64(shift)
          .op("i64_shr_u")
          .i64(mask)
          .op("i64_and", "i64_or");
      e.x("rs1");
      swap(8, 0x00ff_00ff_00ff_00ffn);
      swap(16, 0x0000_ffff_0000_ffffn);
      code.i64(32).op("i64_rotl");
    }),
  );

/** What the single-bit instructions do to the bit. */
type BitAction = "clear" | "extract" | "invert" | "set";

/** rd = rs1 with one bit changed, or that bit; its number is in rs2 or the immediate. */
export const singleBit =
  (action: BitAction, number: "rs2" | "imm"): Lower =>
  (e) =>
    e.setX(() => {
      const { code } = e;
      const index = () => (number === "imm" ? e.imm() : e.x(number));
      e.x("rs1");
      if (action === "extract") {
        index();
        code.op("i64_shr_u").i64(1).op("i64_and");
        return;
      }
      code.i64(action === "clear" ? -2 : 1);
      index();
      if (action === "clear") code.op("i64_rotl", "i64_and");
      else code.op("i64_shl", action === "set" ? "i64_or" : "i64_xor");
    });

/** rd = 0 if rs2 compares so with zero, else rs1. */
export const zeroIf =
  (condition: "zero" | "not zero"): Lower =>
  (e) =>
    e.setX(() => {
      const { code } = e;
      if (condition === "zero") {
        code.i64(0);
        e.x("rs1");
      } else {
        e.x("rs1");
        code.i64(0);
      }
      e.x("rs2");
      code.op("i64_eqz", "select");
    });
