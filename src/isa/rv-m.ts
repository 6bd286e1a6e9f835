/** M: integer multiplication and division. */
import { op, type Row } from "./instruction.ts";
import * as lower from "./lower/integer.ts";

const REGISTERS = "rd,rs1,rs2";

export const RV_M: readonly Row[] = [
  op("mul", "0000001 ----- ----- 000 ----- 0110011", REGISTERS, lower.binary("i64_mul")),
  op("mulh", "0000001 ----- ----- 001 ----- 0110011", REGISTERS, lower.multiplyHigh("both")),
  op("mulhsu", "0000001 ----- ----- 010 ----- 0110011", REGISTERS, lower.multiplyHigh("first")),
  op("mulhu", "0000001 ----- ----- 011 ----- 0110011", REGISTERS, lower.multiplyHigh("neither")),
  op("div", "0000001 ----- ----- 100 ----- 0110011", REGISTERS, lower.divide),
  op("divu", "0000001 ----- ----- 101 ----- 0110011", REGISTERS, lower.divideUnlessZero("i64_div_u", "ones")),
  op("rem", "0000001 ----- ----- 110 ----- 0110011", REGISTERS, lower.divideUnlessZero("i64_rem_s", "dividend")),
  op("remu", "0000001 ----- ----- 111 ----- 0110011", REGISTERS, lower.divideUnlessZero("i64_rem_u", "dividend")),
  op("mulw", "0000001 ----- ----- 000 ----- 0111011", REGISTERS, lower.binaryWord("i32_mul")),
  op("divw", "0000001 ----- ----- 100 ----- 0111011", REGISTERS, lower.divideWord),
  op("divuw", "0000001 ----- ----- 101 ----- 0111011", REGISTERS, lower.divideWordUnlessZero("i32_div_u", "ones")),
  op("remw", "0000001 ----- ----- 110 ----- 0111011", REGISTERS, lower.divideWordUnlessZero("i32_rem_s", "dividend")),
  op("remuw", "0000001 ----- ----- 111 ----- 0111011", REGISTERS, lower.divideWordUnlessZero("i32_rem_u", "dividend")),
];
