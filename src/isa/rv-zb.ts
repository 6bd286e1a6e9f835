/** Zba, Zbb, Zbs and Zicond: bit manipulation and conditional zeroing. */
import { op, type Row } from "./instruction.ts";
import * as lower from "./lower/integer.ts";

const REGISTERS = "rd,rs1,rs2";
const SHIFT = "rd,rs1,shamt6";
const UNARY = "rd,rs1";

/** Address generation. */
export const ZBA: readonly Row[] = [
  op("add.uw", "0000100 ----- ----- 000 ----- 0111011", REGISTERS, lower.shiftAddUnsignedWord(0)),
  op("sh1add", "0010000 ----- ----- 010 ----- 0110011", REGISTERS, lower.shiftAdd(1)),
  op("sh1add.uw", "0010000 ----- ----- 010 ----- 0111011", REGISTERS, lower.shiftAddUnsignedWord(1)),
  op("sh2add", "0010000 ----- ----- 100 ----- 0110011", REGISTERS, lower.shiftAdd(2)),
  op("sh2add.uw", "0010000 ----- ----- 100 ----- 0111011", REGISTERS, lower.shiftAddUnsignedWord(2)),
  op("sh3add", "0010000 ----- ----- 110 ----- 0110011", REGISTERS, lower.shiftAdd(3)),
  op("sh3add.uw", "0010000 ----- ----- 110 ----- 0111011", REGISTERS, lower.shiftAddUnsignedWord(3)),
  op("slli.uw", "000010 ------ ----- 001 ----- 0011011", SHIFT, lower.shiftUnsignedWord),
];

/** Basic bit manipulation. */
export const ZBB: readonly Row[] = [
  op("andn", "0100000 ----- ----- 111 ----- 0110011", REGISTERS, lower.binaryNot("i64_and")),
  op("orn", "0100000 ----- ----- 110 ----- 0110011", REGISTERS, lower.binaryNot("i64_or")),
  op("xnor", "0100000 ----- ----- 100 ----- 0110011", REGISTERS, lower.binaryNot("i64_xor")),
  op("clz", "0110000 00000 ----- 001 ----- 0010011", UNARY, lower.unary("i64_clz")),
  op("clzw", "0110000 00000 ----- 001 ----- 0011011", UNARY, lower.unaryWord("i32_clz")),
  op("ctz", "0110000 00001 ----- 001 ----- 0010011", UNARY, lower.unary("i64_ctz")),
  op("ctzw", "0110000 00001 ----- 001 ----- 0011011", UNARY, lower.unaryWord("i32_ctz")),
  op("cpop", "0110000 00010 ----- 001 ----- 0010011", UNARY, lower.unary("i64_popcnt")),
  op("cpopw", "0110000 00010 ----- 001 ----- 0011011", UNARY, lower.unaryWord("i32_popcnt")),
  op("max", "0000101 ----- ----- 110 ----- 0110011", REGISTERS, lower.choose("i64_gt_s")),
  op("maxu", "0000101 ----- ----- 111 ----- 0110011", REGISTERS, lower.choose("i64_gt_u")),
  op("min", "0000101 ----- ----- 100 ----- 0110011", REGISTERS, lower.choose("i64_lt_s")),
  op("minu", "0000101 ----- ----- 101 ----- 0110011", REGISTERS, lower.choose("i64_lt_u")),
  op("sext.b", "0110000 00100 ----- 001 ----- 0010011", UNARY, lower.unary("i64_extend8_s")),
  op("sext.h", "0110000 00101 ----- 001 ----- 0010011", UNARY, lower.unary("i64_extend16_s")),
  op("zext.h", "0000100 00000 ----- 100 ----- 0111011", UNARY, lower.zeroExtendHalf),
  op("rol", "0110000 ----- ----- 001 ----- 0110011", REGISTERS, lower.binary("i64_rotl")),
  op("rolw", "0110000 ----- ----- 001 ----- 0111011", REGISTERS, lower.binaryWord("i32_rotl")),
  op("ror", "0110000 ----- ----- 101 ----- 0110011", REGISTERS, lower.binary("i64_rotr")),
  op("rori", "011000 ------ ----- 101 ----- 0010011", SHIFT, lower.binaryImmediate("i64_rotr")),
  op("roriw", "0110000 ----- ----- 101 ----- 0011011", "rd,rs1,shamt5", lower.binaryWordImmediate("i32_rotr")),
  op("rorw", "0110000 ----- ----- 101 ----- 0111011", REGISTERS, lower.binaryWord("i32_rotr")),
  op("orc.b", "0010100 00111 ----- 101 ----- 0010011", UNARY, lower.orCombineBytes),
  op("rev8", "0110101 11000 ----- 101 ----- 0010011", UNARY, lower.reverseBytes),
];

/** Single bits. */
export const ZBS: readonly Row[] = [
  op("bclr", "0100100 ----- ----- 001 ----- 0110011", REGISTERS, lower.singleBit("clear", "rs2")),
  op("bclri", "010010 ------ ----- 001 ----- 0010011", SHIFT, lower.singleBit("clear", "imm")),
  op("bext", "0100100 ----- ----- 101 ----- 0110011", REGISTERS, lower.singleBit("extract", "rs2")),
  op("bexti", "010010 ------ ----- 101 ----- 0010011", SHIFT, lower.singleBit("extract", "imm")),
  op("binv", "0110100 ----- ----- 001 ----- 0110011", REGISTERS, lower.singleBit("invert", "rs2")),
  op("binvi", "011010 ------ ----- 001 ----- 0010011", SHIFT, lower.singleBit("invert", "imm")),
  op("bset", "0010100 ----- ----- 001 ----- 0110011", REGISTERS, lower.singleBit("set", "rs2")),
  op("bseti", "001010 ------ ----- 001 ----- 0010011", SHIFT, lower.singleBit("set", "imm")),
];

/** Conditional zeroing. */
export const ZICOND: readonly Row[] = [
  op("czero.eqz", "0000111 ----- ----- 101 ----- 0110011", REGISTERS, lower.zeroIf("zero")),
  op("czero.nez", "0000111 ----- ----- 111 ----- 0110011", REGISTERS, lower.zeroIf("not zero")),
];
