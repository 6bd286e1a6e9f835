/** RV64I, Zicsr and Zifencei (manual, "RV32/64G Instruction Set Listings"). */
import { instruction, op, type Row } from "./instruction.ts";
import { csr } from "./lower/csr.ts";
import * as lower from "./lower/integer.ts";

const REGISTERS = "rd,rs1,rs2";
const CONSTANT = "rd,rs1,iimm";
const BRANCH = "rs1,rs2,bimm";
const LOAD = "rd,iimm(rs1)";
const STORE = "rs2,simm(rs1)";

const jumps: readonly Row[] = [
  instruction("jal", "jal", "-------------------- ----- 1101111", "rd,jimm"),
  instruction("jalr", "jalr", "------------ ----- 000 ----- 1100111", "rd,iimm(rs1)", lower.jalr),
  instruction("branch", "beq", "------- ----- ----- 000 ----- 1100011", BRANCH, lower.branch("i64_eq")),
  instruction("branch", "bne", "------- ----- ----- 001 ----- 1100011", BRANCH, lower.branch("i64_ne")),
  instruction("branch", "blt", "------- ----- ----- 100 ----- 1100011", BRANCH, lower.branch("i64_lt_s")),
  instruction("branch", "bge", "------- ----- ----- 101 ----- 1100011", BRANCH, lower.branch("i64_ge_s")),
  instruction("branch", "bltu", "------- ----- ----- 110 ----- 1100011", BRANCH, lower.branch("i64_lt_u")),
  instruction("branch", "bgeu", "------- ----- ----- 111 ----- 1100011", BRANCH, lower.branch("i64_ge_u")),
];

const memory: readonly Row[] = [
  instruction("load", "lb", "------------ ----- 000 ----- 0000011", LOAD, lower.load("i64_load8_s")),
  instruction("load", "lh", "------------ ----- 001 ----- 0000011", LOAD, lower.load("i64_load16_s")),
  instruction("load", "lw", "------------ ----- 010 ----- 0000011", LOAD, lower.load("i64_load32_s")),
  instruction("load", "ld", "------------ ----- 011 ----- 0000011", LOAD, lower.load("i64_load")),
  instruction("load", "lbu", "------------ ----- 100 ----- 0000011", LOAD, lower.load("i64_load8_u")),
  instruction("load", "lhu", "------------ ----- 101 ----- 0000011", LOAD, lower.load("i64_load16_u")),
  instruction("load", "lwu", "------------ ----- 110 ----- 0000011", LOAD, lower.load("i64_load32_u")),
  instruction("store", "sb", "------- ----- ----- 000 ----- 0100011", STORE, lower.store("i64_store8")),
  instruction("store", "sh", "------- ----- ----- 001 ----- 0100011", STORE, lower.store("i64_store16")),
  instruction("store", "sw", "------- ----- ----- 010 ----- 0100011", STORE, lower.store("i64_store32")),
  instruction("store", "sd", "------- ----- ----- 011 ----- 0100011", STORE, lower.store("i64_store")),
];

const constants: readonly Row[] = [
  op("lui", "-------------------- ----- 0110111", "rd,uimm", lower.lui),
  op("auipc", "-------------------- ----- 0010111", "rd,uimm", lower.auipc),
  op("addi", "------------ ----- 000 ----- 0010011", CONSTANT, lower.binaryImmediate("i64_add")),
  op("slti", "------------ ----- 010 ----- 0010011", CONSTANT, lower.compareImmediate("i64_lt_s")),
  op("sltiu", "------------ ----- 011 ----- 0010011", CONSTANT, lower.compareImmediate("i64_lt_u")),
  op("xori", "------------ ----- 100 ----- 0010011", CONSTANT, lower.binaryImmediate("i64_xor")),
  op("ori", "------------ ----- 110 ----- 0010011", CONSTANT, lower.binaryImmediate("i64_or")),
  op("andi", "------------ ----- 111 ----- 0010011", CONSTANT, lower.binaryImmediate("i64_and")),
  op("slli", "000000 ------ ----- 001 ----- 0010011", "rd,rs1,shamt6", lower.binaryImmediate("i64_shl")),
  op("srli", "000000 ------ ----- 101 ----- 0010011", "rd,rs1,shamt6", lower.binaryImmediate("i64_shr_u")),
  op("srai", "010000 ------ ----- 101 ----- 0010011", "rd,rs1,shamt6", lower.binaryImmediate("i64_shr_s")),
  op("addiw", "------------ ----- 000 ----- 0011011", CONSTANT, lower.binaryWordImmediate("i32_add")),
  op("slliw", "0000000 ----- ----- 001 ----- 0011011", "rd,rs1,shamt5", lower.binaryWordImmediate("i32_shl")),
  op("srliw", "0000000 ----- ----- 101 ----- 0011011", "rd,rs1,shamt5", lower.binaryWordImmediate("i32_shr_u")),
  op("sraiw", "0100000 ----- ----- 101 ----- 0011011", "rd,rs1,shamt5", lower.binaryWordImmediate("i32_shr_s")),
];

const registers: readonly Row[] = [
  op("add", "0000000 ----- ----- 000 ----- 0110011", REGISTERS, lower.binary("i64_add")),
  op("sub", "0100000 ----- ----- 000 ----- 0110011", REGISTERS, lower.binary("i64_sub")),
  op("sll", "0000000 ----- ----- 001 ----- 0110011", REGISTERS, lower.binary("i64_shl")),
  op("slt", "0000000 ----- ----- 010 ----- 0110011", REGISTERS, lower.compare("i64_lt_s")),
  op("sltu", "0000000 ----- ----- 011 ----- 0110011", REGISTERS, lower.compare("i64_lt_u")),
  op("xor", "0000000 ----- ----- 100 ----- 0110011", REGISTERS, lower.binary("i64_xor")),
  op("srl", "0000000 ----- ----- 101 ----- 0110011", REGISTERS, lower.binary("i64_shr_u")),
  op("sra", "0100000 ----- ----- 101 ----- 0110011", REGISTERS, lower.binary("i64_shr_s")),
  op("or", "0000000 ----- ----- 110 ----- 0110011", REGISTERS, lower.binary("i64_or")),
  op("and", "0000000 ----- ----- 111 ----- 0110011", REGISTERS, lower.binary("i64_and")),
  op("addw", "0000000 ----- ----- 000 ----- 0111011", REGISTERS, lower.binaryWord("i32_add")),
  op("subw", "0100000 ----- ----- 000 ----- 0111011", REGISTERS, lower.binaryWord("i32_sub")),
  op("sllw", "0000000 ----- ----- 001 ----- 0111011", REGISTERS, lower.binaryWord("i32_shl")),
  op("srlw", "0000000 ----- ----- 101 ----- 0111011", REGISTERS, lower.binaryWord("i32_shr_u")),
  op("sraw", "0100000 ----- ----- 101 ----- 0111011", REGISTERS, lower.binaryWord("i32_shr_s")),
];

const system: readonly Row[] = [
  // Reserved settings of fm, rs1 and rd are to be treated as the plain fence.
  instruction("fence", "fence", "------------ ----- 000 ----- 0001111", "sets", lower.fence),
  instruction("ecall", "ecall", "000000000000 00000 000 00000 1110011", ""),
  instruction("ebreak", "ebreak", "000000000001 00000 000 00000 1110011", ""),
];

export const RV_I: readonly Row[] = [...jumps, ...memory, ...constants, ...registers, ...system];

export const ZICSR: readonly Row[] = [
  instruction("csr", "csrrw", "------------ ----- 001 ----- 1110011", "rd,csr,rs1", csr("write", "rs1")),
  instruction("csr", "csrrs", "------------ ----- 010 ----- 1110011", "rd,csr,rs1", csr("set", "rs1")),
  instruction("csr", "csrrc", "------------ ----- 011 ----- 1110011", "rd,csr,rs1", csr("clear", "rs1")),
  instruction("csr", "csrrwi", "------------ ----- 101 ----- 1110011", "rd,csr,zimm", csr("write", "imm")),
  instruction("csr", "csrrsi", "------------ ----- 110 ----- 1110011", "rd,csr,zimm", csr("set", "imm")),
  instruction("csr", "csrrci", "------------ ----- 111 ----- 1110011", "rd,csr,zimm", csr("clear", "imm")),
];

export const ZIFENCEI: readonly Row[] = [instruction("fence.i", "fence.i", "------------ ----- 001 ----- 0001111", "")];
