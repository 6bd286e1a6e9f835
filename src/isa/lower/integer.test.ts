import assert from "node:assert/strict";
import { test } from "node:test";
import { CSR } from "../csr.ts";
import { INSTRUCTIONS } from "../table.ts";
import { AT, Bench, PC } from "./bench.test.ts";

const s64 = (x: bigint) => BigInt.asIntN(64, x);
const u64 = (x: bigint) => BigInt.asUintN(64, x);
const s32 = (x: bigint) => BigInt.asIntN(32, x);
const u32 = (x: bigint) => BigInt.asUintN(32, x);
const bits = (x: bigint, width: number) => BigInt.asUintN(width, x).toString(2);
const ones = (x: bigint, width: number) => BigInt(bits(x, width).replaceAll("0", "").length);
const leadingZeros = (x: bigint, width: number) => BigInt(x === 0n ? width : width - bits(x, width).length);
const trailingZeros = (x: bigint, width: number) => BigInt(x === 0n ? width : /0*$/.exec(bits(x, width))![0].length);
const rotate = (x: bigint, by: bigint, width: bigint) =>
  BigInt.asUintN(Number(width), (x << by) | (BigInt.asUintN(Number(width), x) >> (width - by)));
const bytes = (x: bigint) => Array.from({ length: 8 }, (_, i) => (u64(x) >> BigInt(8 * i)) & 0xffn);
const fromBytes = (list: readonly bigint[]) => list.reduce((sum, byte, i) => sum | (byte << BigInt(8 * i)), 0n);
const quotient = (a: bigint, b: bigint) => (b === 0n ? -1n : a / b);
const remainder = (a: bigint, b: bigint) => (b === 0n ? a : a % b);
const bit = (x: bigint) => 1n << (x & 63n);

/** What each instruction computes from rs1 and rs2 (or the immediate), as the manual says it, modulo 2^64. */
const MEANING: Record<string, (a: bigint, b: bigint) => bigint | boolean> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  sll: (a, b) => a << (b & 63n),
  slt: (a, b) => s64(a) < s64(b),
  sltu: (a, b) => u64(a) < u64(b),
  xor: (a, b) => a ^ b,
  srl: (a, b) => u64(a) >> (b & 63n),
  sra: (a, b) => s64(a) >> (b & 63n),
  or: (a, b) => a | b,
  and: (a, b) => a & b,
  addw: (a, b) => s32(a + b),
  subw: (a, b) => s32(a - b),
  sllw: (a, b) => s32(a << (b & 31n)),
  srlw: (a, b) => s32(u32(a) >> (b & 31n)),
  sraw: (a, b) => s32(a) >> (b & 31n),
  addi: (a, b) => a + b,
  slti: (a, b) => s64(a) < b,
  sltiu: (a, b) => u64(a) < u64(b),
  xori: (a, b) => a ^ b,
  ori: (a, b) => a | b,
  andi: (a, b) => a & b,
  slli: (a, b) => a << b,
  srli: (a, b) => u64(a) >> b,
  srai: (a, b) => s64(a) >> b,
  addiw: (a, b) => s32(a + b),
  slliw: (a, b) => s32(a << b),
  srliw: (a, b) => s32(u32(a) >> b),
  sraiw: (a, b) => s32(a) >> b,
  lui: (_, b) => b,
  auipc: (_, b) => BigInt(PC) + b,
  jalr: (a, b) => (a + b) & ~1n,
  beq: (a, b) => u64(a) === u64(b),
  bne: (a, b) => u64(a) !== u64(b),
  blt: (a, b) => s64(a) < s64(b),
  bge: (a, b) => s64(a) >= s64(b),
  bltu: (a, b) => u64(a) < u64(b),
  bgeu: (a, b) => u64(a) >= u64(b),
  mul: (a, b) => a * b,
  mulh: (a, b) => (s64(a) * s64(b)) >> 64n,
  mulhsu: (a, b) => (s64(a) * u64(b)) >> 64n,
  mulhu: (a, b) => (u64(a) * u64(b)) >> 64n,
  div: (a, b) => quotient(s64(a), s64(b)),
  divu: (a, b) => quotient(u64(a), u64(b)),
  rem: (a, b) => remainder(s64(a), s64(b)),
  remu: (a, b) => remainder(u64(a), u64(b)),
  mulw: (a, b) => s32(a * b),
  divw: (a, b) => s32(quotient(s32(a), s32(b))),
  divuw: (a, b) => s32(quotient(u32(a), u32(b))),
  remw: (a, b) => s32(remainder(s32(a), s32(b))),
  remuw: (a, b) => s32(remainder(u32(a), u32(b))),
  "add.uw": (a, b) => u32(a) + b,
  sh1add: (a, b) => (a << 1n) + b,
  "sh1add.uw": (a, b) => (u32(a) << 1n) + b,
  sh2add: (a, b) => (a << 2n) + b,
  "sh2add.uw": (a, b) => (u32(a) << 2n) + b,
  sh3add: (a, b) => (a << 3n) + b,
  "sh3add.uw": (a, b) => (u32(a) << 3n) + b,
  "slli.uw": (a, b) => u32(a) << b,
  andn: (a, b) => a & ~b,
  orn: (a, b) => a | ~b,
  xnor: (a, b) => ~(a ^ b),
  clz: (a) => leadingZeros(u64(a), 64),
  clzw: (a) => leadingZeros(u32(a), 32),
  ctz: (a) => trailingZeros(u64(a), 64),
  ctzw: (a) => trailingZeros(u32(a), 32),
  cpop: (a) => ones(a, 64),
  cpopw: (a) => ones(a, 32),
  max: (a, b) => (s64(a) > s64(b) ? a : b),
  maxu: (a, b) => (u64(a) > u64(b) ? a : b),
  min: (a, b) => (s64(a) < s64(b) ? a : b),
  minu: (a, b) => (u64(a) < u64(b) ? a : b),
  "sext.b": (a) => BigInt.asIntN(8, a),
  "sext.h": (a) => BigInt.asIntN(16, a),
  "zext.h": (a) => BigInt.asUintN(16, a),
  rol: (a, b) => rotate(a, b & 63n, 64n),
  rolw: (a, b) => s32(rotate(a, b & 31n, 32n)),
  ror: (a, b) => rotate(a, 64n - (b & 63n), 64n),
  rori: (a, b) => rotate(a, 64n - b, 64n),
  roriw: (a, b) => s32(rotate(a, 32n - b, 32n)),
  rorw: (a, b) => s32(rotate(a, 32n - (b & 31n), 32n)),
  "orc.b": (a) => fromBytes(bytes(a).map((byte) => (byte === 0n ? 0n : 0xffn))),
  rev8: (a) => fromBytes(bytes(a).reverse()),
  bclr: (a, b) => a & ~bit(b),
  bclri: (a, b) => a & ~bit(b),
  bext: (a, b) => (a & bit(b)) !== 0n,
  bexti: (a, b) => (a & bit(b)) !== 0n,
  binv: (a, b) => a ^ bit(b),
  binvi: (a, b) => a ^ bit(b),
  bset: (a, b) => a | bit(b),
  bseti: (a, b) => a | bit(b),
  "czero.eqz": (a, b) => (u64(b) === 0n ? 0n : a),
  "czero.nez": (a, b) => (u64(b) === 0n ? a : 0n),
};

const MIN = -(2n ** 63n);
const VALUES = [
  ...[0n, 1n, -1n, 2n, 63n, 64n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n, MIN, -MIN - 1n],
  ...[0x0123_4567_89ab_cdefn, 0x00ff_0000_7f80_0100n, -0x1234_5678_9abcn, 0xdead_beef_0000_0001n, -0x8000_0000n],
];

/** Immediates to try, by the operand that holds them. */
const IMMEDIATES: Record<string, readonly number[]> = {
  iimm: [0, 1, -1, 2047, -2048, 0x555],
  uimm: [0, 0x1000, -0x1000, 0x7fff_f000, -0x8000_0000],
  shamt5: [0, 1, 15, 31],
  shamt6: [0, 1, 31, 32, 63],
};

test("every integer instruction computes what the manual says", () => {
  for (const { name, kind, operands, extension } of INSTRUCTIONS) {
    if (!["op", "branch", "jalr"].includes(kind) || ["F", "D"].includes(extension)) continue;
    const meaning = MEANING[name];
    assert.ok(meaning !== undefined, `${name} has no meaning here`);
    const immediates = IMMEDIATES[operands.find((operand) => operand in IMMEDIATES) ?? ""];
    for (const imm of immediates ?? [0]) {
      const bench = new Bench(name, { imm });
      for (const a of VALUES) {
        for (const b of immediates === undefined ? VALUES : [BigInt(imm)]) {
          const found = bench.integer(a, b);
          const result: bigint | boolean = kind === "branch" ? bench.i32[AT.branch / 4]! !== 0 : found;
          const wanted: bigint | boolean = meaning(a, b);
          const expected: bigint | boolean = kind === "branch" ? wanted : u64(BigInt(wanted));
          assert.equal(result, expected, `${name} ${a} ${b}`);
        }
      }
    }
  }
});

test("loads extend and stores cut", () => {
  const pattern = 0x8182_8384_8586_8788n;
  const loaded = { lb: -0x78n, lbu: 0x88n, lh: -0x7878n, lhu: 0x8788n, lw: s32(0x8586_8788n), lwu: 0x8586_8788n };
  for (const [name, expected] of Object.entries({ ...loaded, ld: pattern })) {
    const bench = new Bench(name, { imm: -8 });
    bench.u64[AT.data / 8] = pattern;
    assert.equal(bench.integer(BigInt(AT.data + 8)), u64(expected), name);
  }
  for (const [name, width] of Object.entries({ sb: 8, sh: 16, sw: 32, sd: 64 })) {
    const bench = new Bench(name, { imm: 8 });
    bench.integer(BigInt(AT.data - 8), pattern);
    assert.equal(bench.u64[AT.data / 8], BigInt.asUintN(width, pattern), name);
  }
});

const pick = (first: boolean, x: bigint, y: bigint) => (first ? x : y);

test("atomics return the old value and store the new one", () => {
  const meanings: Record<string, (old: bigint, operand: bigint) => bigint> = {
    amoadd: (x, y) => x + y,
    amoswap: (_, y) => y,
    amoxor: (x, y) => x ^ y,
    amoor: (x, y) => x | y,
    amoand: (x, y) => x & y,
    amomin: (x, y) => pick(x < y, x, y),
    amomax: (x, y) => pick(x > y, x, y),
    amominu: (x, y) => pick(u64(x) < u64(y), x, y),
    amomaxu: (x, y) => pick(u64(x) > u64(y), x, y),
  };
  for (const [name, meaning] of Object.entries(meanings)) {
    for (const [suffix, width] of [
      ["w", 32],
      ["d", 64],
    ] as const) {
      const bench = new Bench(`${name}.${suffix}`);
      for (const old of VALUES) {
        for (const operand of VALUES) {
          bench.u64[AT.data / 8] = u64(old);
          const above = width === 32 ? u64(old) & ~0xffff_ffffn : 0n;
          const [x, y] = [BigInt.asIntN(width, old), BigInt.asIntN(width, operand)];
          assert.equal(bench.integer(BigInt(AT.data), operand), u64(x), name);
          assert.equal(bench.u64[AT.data / 8], above | BigInt.asUintN(width, meaning(x, y)), `${name} ${x} ${y}`);
        }
      }
    }
  }
});

test("sc succeeds after lr at its address while memory is unchanged", () => {
  const lr = new Bench("lr.w");
  lr.u64[AT.data / 8] = 0x1_8000_0000n;
  assert.equal(lr.integer(BigInt(AT.data)), u64(-0x8000_0000n));
  const attempt = (change: (bench: Bench) => void): bigint => {
    const sc = new Bench("sc.w");
    sc.u64.set(lr.u64);
    change(sc);
    const failed = sc.integer(BigInt(AT.data), 7n);
    assert.equal(sc.u64[AT.reserved / 8], u64(-1n));
    assert.equal(sc.i32[AT.data / 4] === 7, failed === 0n);
    return failed;
  };
  assert.equal(
    attempt(() => undefined),
    0n,
  );
  assert.equal(
    attempt((sc) => sc.i32.fill(5, AT.data / 4, AT.data / 4 + 1)),
    1n,
  );
  assert.equal(
    attempt((sc) => sc.u64.fill(0x408n, AT.reserved / 8, AT.reserved / 8 + 1)),
    1n,
  );
});

test("csr instructions read, write, set and clear", () => {
  const write = new Bench("csrrw", { csr: CSR.FCSR });
  assert.equal(write.integer(0xfffn), 0n);
  assert.deepEqual([write.i32[AT.fflags / 4], write.i32[AT.frm / 4]], [31, 7]);
  const clear = new Bench("csrrci", { csr: CSR.FFLAGS, imm: 5 });
  clear.i32[AT.fflags / 4] = 31;
  assert.equal(clear.integer(0n), 31n);
  assert.equal(clear.i32[AT.fflags / 4], 26);
  const set = new Bench("csrrs", { csr: CSR.FRM });
  assert.equal(set.integer(3n), 0n);
  assert.equal(set.integer(4n), 3n);
  assert.equal(set.i32[AT.frm / 4], 7);
  const time = new Bench("csrrs", { csr: CSR.TIME, rs1: 0 });
  time.u64[AT.time / 8] = 2n ** 40n;
  assert.equal(time.integer(0n), 2n ** 40n);
});
