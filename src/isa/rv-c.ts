/** C: the 16-bit instructions of RV64 with F and D (manual, "RVC Instruction Set Listings"), as abbreviations. */
import { type CompressedInstruction, compressed } from "./instruction.ts";
import { X } from "./registers.ts";

const SP = { rs1: X.SP };

/** Quadrant 0: loads and stores by one of the popular registers. */
const quadrant0 = [
  compressed("c.addi4spn", "000-----------00", "rdc,sp,csp4", "addi", SP, "imm"),
  compressed("c.fld", "001-----------00", "fdc,cdouble(rs1c)", "fld"),
  compressed("c.lw", "010-----------00", "rdc,cword(rs1c)", "lw"),
  compressed("c.ld", "011-----------00", "rdc,cdouble(rs1c)", "ld"),
  compressed("c.fsd", "101-----------00", "fs2c,cdouble(rs1c)", "fsd"),
  compressed("c.sw", "110-----------00", "rs2c,cword(rs1c)", "sw"),
  compressed("c.sd", "111-----------00", "rs2c,cdouble(rs1c)", "sd"),
];

/** Quadrant 1: arithmetic with small constants, jumps and branches. */
const quadrant1 = [
  compressed("c.addi", "000-----------01", "crmw,cimm", "addi"),
  compressed("c.addiw", "001-----------01", "crmw,cimm", "addiw", {}, "rd"),
  compressed("c.li", "010-----------01", "crd,cimm", "addi"),
  compressed("c.addi16sp", "011-00010-----01", "sp,csp16", "addi", { rd: X.SP, ...SP }, "imm"),
  compressed("c.lui", "011-----------01", "crd,cupper", "lui", {}, "imm"),
  compressed("c.srli", "100-00--------01", "rmwc,cshamt", "srli"),
  compressed("c.srai", "100-01--------01", "rmwc,cshamt", "srai"),
  compressed("c.andi", "100-10--------01", "rmwc,cimm", "andi"),
  compressed("c.sub", "100011---00---01", "rmwc,rs2c", "sub"),
  compressed("c.xor", "100011---01---01", "rmwc,rs2c", "xor"),
  compressed("c.or", "100011---10---01", "rmwc,rs2c", "or"),
  compressed("c.and", "100011---11---01", "rmwc,rs2c", "and"),
  compressed("c.subw", "100111---00---01", "rmwc,rs2c", "subw"),
  compressed("c.addw", "100111---01---01", "rmwc,rs2c", "addw"),
  compressed("c.j", "101-----------01", "cjump", "jal"),
  compressed("c.beqz", "110-----------01", "rs1c,cbranch", "beq"),
  compressed("c.bnez", "111-----------01", "rs1c,cbranch", "bne"),
];

/** Quadrant 2: loads and stores by sp, moves and indirect jumps. */
const quadrant2 = [
  compressed("c.slli", "000-----------10", "crmw,cshamt", "slli"),
  compressed("c.fldsp", "001-----------10", "cfd,cdoublesp(sp)", "fld", SP),
  compressed("c.lwsp", "010-----------10", "crd,cwordsp(sp)", "lw", SP, "rd"),
  compressed("c.ldsp", "011-----------10", "crd,cdoublesp(sp)", "ld", SP, "rd"),
  compressed("c.jr", "1000-----0000010", "crs1", "jalr", {}, "rs1"),
  compressed("c.mv", "1000----------10", "crd,crs2", "add"),
  compressed("c.ebreak", "1001000000000010", "", "ebreak"),
  compressed("c.jalr", "1001-----0000010", "crs1", "jalr", { rd: X.RA }),
  compressed("c.add", "1001----------10", "crmw,crs2", "add"),
  compressed("c.fsdsp", "101-----------10", "cfs2,cstoredoublesp(sp)", "fsd", SP),
  compressed("c.swsp", "110-----------10", "crs2,cstorewordsp(sp)", "sw", SP),
  compressed("c.sdsp", "111-----------10", "crs2,cstoredoublesp(sp)", "sd", SP),
];

export const RV_C: readonly CompressedInstruction[] = [...quadrant0, ...quadrant1, ...quadrant2];
