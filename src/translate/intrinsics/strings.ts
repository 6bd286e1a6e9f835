/**
 * The C library's memory and string functions, written for wasm: they move and compare 16 bytes at a time.
 *
 * Each takes its arguments as wasm values and leaves the result; what surrounds it, {@link buildIntrinsic}, passes registers.
 * Results are what glibc's and musl's own code answers, bytes' difference included.
 */
import type { CodeBuilder, Local } from "../../base/wasm/code.ts";

const LANES = 16;
const PAGE_MASK = 0xfff;

/** Emits the function's work on the locals a, b and n, and leaves the i64 that goes to a0. */
export type Intrinsic = (code: CodeBuilder, a: Local, b: Local, n: Local) => void;

/** Copies; whatever is small is loaded wholly before it is stored, so that overlapping is no matter. */
export const copy: Intrinsic = (code, a, b, n) => {
  code
    .get(n)
    .i32(4 * LANES)
    .op("i32_gt_u");
  code.if(
    "void",
    () => code.get(a).get(b).get(n).memoryCopy(),
    () => copySmall(code, a, b, n),
  );
  code.get(a).op("i64_extend_i32_u");
};

function copySmall(code: CodeBuilder, a: Local, b: Local, n: Local): void {
  const ends = (width: 4 | 8 | 16, then: () => void) => {
    const type = width === 16 ? "v128" : width === 8 ? "i64" : "i32";
    code.get(n).i32(width).op("i32_ge_u");
    code.if(
      "void",
      () =>
        code.withLocal(type, (first) =>
          code.withLocal(type, (last) => {
            if (width === 16) copyMiddle(code, a, b, n);
            code.get(b).mem(`${type}_load`).set(first);
            code.get(b).get(n).op("i32_add").i32(width).op("i32_sub").mem(`${type}_load`).set(last);
            code.get(a).get(first).mem(`${type}_store`);
            code.get(a).get(n).op("i32_add").i32(width).op("i32_sub").get(last).mem(`${type}_store`);
          }),
        ),
      then,
    );
  };
  ends(16, () =>
    ends(8, () =>
      ends(4, () => {
        code.get(n).if("void", () => copyFew(code, a, b, n));
      }),
    ),
  );
}

/** Copies more than 32 bytes, up to 64, and returns. */
function copyMiddle(code: CodeBuilder, a: Local, b: Local, n: Local): void {
  code
    .get(n)
    .i32(2 * LANES)
    .op("i32_gt_u");
  code.if("void", () => {
    const loaded = [0, LANES].map((offset) => {
      const local = code.local("v128");
      code.get(b).mem("v128_load", offset).set(local);
      return local;
    });
    const tails = [2 * LANES, LANES].map((back) => {
      const local = code.local("v128");
      code.get(b).get(n).op("i32_add").i32(back).op("i32_sub").mem("v128_load").set(local);
      return { local, back };
    });
    for (const [i, local] of loaded.entries())
      code
        .get(a)
        .get(local)
        .mem("v128_store", i * LANES);
    for (const { local, back } of tails) {
      code.get(a).get(n).op("i32_add").i32(back).op("i32_sub").get(local).mem("v128_store");
    }
    code.get(a).op("i64_extend_i32_u", "return");
  });
}

/** One to three bytes: the first, the middle, the last. */
function copyFew(code: CodeBuilder, a: Local, b: Local, n: Local): void {
  code.withLocal("i32", (first) =>
    code.withLocal("i32", (middle) =>
      code.withLocal("i32", (last) => {
        const at = [
          [first, () => code.i32(0)],
          [middle, () => code.get(n).i32(1).op("i32_shr_u")],
          [last, () => code.get(n).i32(1).op("i32_sub")],
        ] as const;
        for (const [local, offset] of at) {
          code.get(b);
          offset().op("i32_add").mem("i32_load8_u").set(local);
        }
        for (const [local, offset] of at) {
          code.get(a);
          offset().op("i32_add").get(local).mem("i32_store8");
        }
      }),
    ),
  );
}

/** Fills a..a+n with the low byte of b. */
export const fill: Intrinsic = (code, a, b, n) => {
  code
    .get(n)
    .i32(4 * LANES)
    .op("i32_gt_u")
    .get(n)
    .i32(LANES)
    .op("i32_lt_u", "i32_or");
  code.if(
    "void",
    () => {
      code.get(n).i32(8).op("i32_lt_u");
      code.if(
        "void",
        () => fillFew(code, a, b, n),
        () => code.get(a).get(b).get(n).memoryFill(),
      );
    },
    () =>
      code.withLocal("v128", (value) => {
        const behind = (back: number) => code.get(a).get(n).op("i32_add").i32(back).op("i32_sub");
        code.get(b).op("i8x16_splat").set(value);
        code.get(a).get(value).mem("v128_store");
        behind(LANES).get(value).mem("v128_store");
        code
          .get(n)
          .i32(2 * LANES)
          .op("i32_gt_u");
        code.if("void", () => {
          code.get(a).get(value).mem("v128_store", LANES);
          behind(2 * LANES)
            .get(value)
            .mem("v128_store");
        });
      }),
  );
  code.get(a).op("i64_extend_i32_u");
};

function fillFew(code: CodeBuilder, a: Local, b: Local, n: Local): void {
  code.withLocal("i32", (i) => {
    code.i32(0).set(i);
    code.block("void", (done) =>
      code.loop("void", (next) => {
        code.get(i).get(n).op("i32_ge_u").brIf(done);
        code.get(a).get(i).op("i32_add").get(b).mem("i32_store8");
        code.get(i).i32(1).op("i32_add").set(i).br(next);
      }),
    );
  });
}

/** Length of the string at a. Vectors are aligned, so that none reaches beyond the string's last page. */
export const length: Intrinsic = (code, a) =>
  code.withLocal("v128", (zero) =>
    scanAligned(
      code,
      a,
      (at) => code.get(at).mem("v128_load").get(zero).op("i8x16_eq", "i8x16_bitmask"),
      (at, bits) => code.get(at).get(bits).op("i32_ctz", "i32_add").get(a).op("i32_sub", "i64_extend_i32_u"),
    ),
  );

/** The first byte b within n bytes from a, or 0. */
export const find: Intrinsic = (code, a, b, n) =>
  code.withLocal("v128", (wanted) =>
    code.withLocal("i32", (end) => {
      code.get(b).op("i8x16_splat").set(wanted);
      code.get(a).get(n).op("i32_add").tee(end).i32(-1).get(end).get(a).op("i32_ge_u", "select").set(end);
      code
        .get(n)
        .op("i32_eqz")
        .if("void", () => code.i64(0).op("return"));
      scanAligned(
        code,
        a,
        (at) => code.get(at).mem("v128_load").get(wanted).op("i8x16_eq", "i8x16_bitmask"),
        (at, bits) => {
          code.get(at).get(bits).op("i32_ctz", "i32_add").tee(at).op("i64_extend_i32_u").i64(0);
          code.get(at).get(end).op("i32_lt_u", "select");
        },
        (at) =>
          code
            .get(at)
            .get(end)
            .op("i32_ge_u")
            .if("void", () => code.i64(0).op("return")),
      );
    }),
  );

/** Looks at aligned vectors from the one that holds a; `test` leaves a bit for each byte that is a hit. */
function scanAligned(
  code: CodeBuilder,
  a: Local,
  test: (at: Local) => void,
  found: (at: Local, bits: Local) => void,
  stop: (at: Local) => void = () => undefined,
): void {
  code.withLocal("i32", (at) =>
    code.withLocal("i32", (bits) => {
      code.get(a).i32(-LANES).op("i32_and").set(at);
      test(at);
      // Bytes before the string do not count.
      code
        .i32(-1)
        .get(a)
        .i32(LANES - 1)
        .op("i32_and", "i32_shl", "i32_and")
        .tee(bits)
        .op("i32_eqz");
      code.if("void", () =>
        code.loop("void", (next) => {
          code.get(at).i32(LANES).op("i32_add").set(at);
          stop(at);
          test(at);
          code.tee(bits).op("i32_eqz").brIf(next);
        }),
      );
      found(at, bits);
    }),
  );
}

/** The difference of the first bytes that differ within n bytes of a and b, or 0. */
export const compare: Intrinsic = (code, a, b, n) => {
  code.withLocal("i32", (bits) =>
    code.block("void", (tail) =>
      code.loop("void", (next) => {
        code.get(n).i32(LANES).op("i32_lt_u").brIf(tail);
        code.get(a).mem("v128_load").get(b).mem("v128_load").op("i8x16_eq", "i8x16_bitmask");
        code.i32(0xffff).op("i32_xor").tee(bits);
        code.if("void", () => {
          difference(code, a, b, bits);
          code.op("return");
        });
        advance(code, a, b, LANES);
        code.get(n).i32(LANES).op("i32_sub").set(n).br(next);
      }),
    ),
  );
  code.block("void", (equal) =>
    code.loop("void", (next) => {
      code.get(n).op("i32_eqz").brIf(equal);
      code.get(a).mem("i32_load8_u").get(b).mem("i32_load8_u").op("i32_ne");
      code.if("void", () => {
        code.get(a).mem("i32_load8_u").get(b).mem("i32_load8_u").op("i32_sub", "i64_extend_i32_s", "return");
      });
      advance(code, a, b, 1);
      code.get(n).i32(1).op("i32_sub").set(n).br(next);
    }),
  );
  code.i64(0);
};

/** Compares two strings: the difference of the first bytes that differ, or 0. */
export const compareStrings: Intrinsic = (code, a, b) => {
  const zero = code.local("v128");
  const value = code.local("v128");
  const bits = code.local("i32");
  const nearEnd = (p: Local) => {
    code
      .get(p)
      .i32(PAGE_MASK)
      .op("i32_and")
      .i32(PAGE_MASK + 1 - LANES)
      .op("i32_gt_u");
  };
  code.loop("void", (next) => {
    nearEnd(a);
    nearEnd(b);
    code.op("i32_or");
    code.if(
      "void",
      () => {
        // A vector might reach into a page that does not exist: one byte.
        code.get(a).mem("i32_load8_u").get(b).mem("i32_load8_u").op("i32_sub").tee(bits);
        code.get(a).mem("i32_load8_u").op("i32_eqz", "i32_or");
        code.if("void", () => code.get(bits).op("i64_extend_i32_s", "return"));
        advance(code, a, b, 1);
      },
      () => {
        code.get(a).mem("v128_load").tee(value).get(zero).op("i8x16_eq", "i8x16_bitmask");
        code.get(value).get(b).mem("v128_load").op("i8x16_eq", "i8x16_bitmask").i32(0xffff).op("i32_xor", "i32_or");
        code.tee(bits).if("void", () => {
          difference(code, a, b, bits);
          code.op("return");
        });
        advance(code, a, b, LANES);
      },
    );
    code.br(next);
  });
  code.op("unreachable");
};

function advance(code: CodeBuilder, a: Local, b: Local, by: number): void {
  for (const p of [a, b]) code.get(p).i32(by).op("i32_add").set(p);
}

/** Leaves the difference of the bytes at the lowest bit set. */
function difference(code: CodeBuilder, a: Local, b: Local, bits: Local): void {
  code.get(bits).op("i32_ctz").set(bits);
  for (const p of [a, b]) code.get(p).get(bits).op("i32_add").mem("i32_load8_u");
  code.op("i32_sub", "i64_extend_i32_s");
}
