/** F and D: single and double precision. Both have the same instructions, which differ in the `fmt` field. */
import { instruction, op, type Row } from "./instruction.ts";
import * as lower from "./lower/float.ts";
import * as convert from "./lower/float-convert.ts";
import { DOUBLE, SINGLE } from "./lower/float-slow.ts";

const ROUNDED = "fd,fs1,fs2,rm";
const FUSED = "fd,fs1,fs2,fs3,rm";
const EXACT = "fd,fs1,fs2";
const COMPARED = "rd,fs1,fs2";

/** The instructions of one format: `s` with fmt 00, `d` with fmt 01. */
function arithmetic(suffix: "s" | "d"): Row[] {
  const format = suffix === "s" ? SINGLE : DOUBLE;
  const fmt = suffix === "s" ? "00" : "01";
  return [
    op(`fmadd.${suffix}`, `----- ${fmt} ----- ----- --- ----- 1000011`, FUSED, lower.multiplyAdd(format, false, false)),
    op(`fmsub.${suffix}`, `----- ${fmt} ----- ----- --- ----- 1000111`, FUSED, lower.multiplyAdd(format, false, true)),
    op(`fnmsub.${suffix}`, `----- ${fmt} ----- ----- --- ----- 1001011`, FUSED, lower.multiplyAdd(format, true, false)),
    op(`fnmadd.${suffix}`, `----- ${fmt} ----- ----- --- ----- 1001111`, FUSED, lower.multiplyAdd(format, true, true)),
    op(`fadd.${suffix}`, `00000 ${fmt} ----- ----- --- ----- 1010011`, ROUNDED, lower.arithmetic(format, "add")),
    op(`fsub.${suffix}`, `00001 ${fmt} ----- ----- --- ----- 1010011`, ROUNDED, lower.arithmetic(format, "sub")),
    op(`fmul.${suffix}`, `00010 ${fmt} ----- ----- --- ----- 1010011`, ROUNDED, lower.arithmetic(format, "mul")),
    op(`fdiv.${suffix}`, `00011 ${fmt} ----- ----- --- ----- 1010011`, ROUNDED, lower.arithmetic(format, "div")),
    op(`fsqrt.${suffix}`, `01011 ${fmt} 00000 ----- --- ----- 1010011`, "fd,fs1,rm", lower.squareRoot(format)),
    op(`fsgnj.${suffix}`, `00100 ${fmt} ----- ----- 000 ----- 1010011`, EXACT, lower.signInject(format, "same")),
    op(`fsgnjn.${suffix}`, `00100 ${fmt} ----- ----- 001 ----- 1010011`, EXACT, lower.signInject(format, "opposite")),
    op(`fsgnjx.${suffix}`, `00100 ${fmt} ----- ----- 010 ----- 1010011`, EXACT, lower.signInject(format, "product")),
    op(`fmin.${suffix}`, `00101 ${fmt} ----- ----- 000 ----- 1010011`, EXACT, lower.choose(format, "min")),
    op(`fmax.${suffix}`, `00101 ${fmt} ----- ----- 001 ----- 1010011`, EXACT, lower.choose(format, "max")),
    op(`feq.${suffix}`, `10100 ${fmt} ----- ----- 010 ----- 1010011`, COMPARED, lower.compare(format, "eq")),
    op(`flt.${suffix}`, `10100 ${fmt} ----- ----- 001 ----- 1010011`, COMPARED, lower.compare(format, "lt")),
    op(`fle.${suffix}`, `10100 ${fmt} ----- ----- 000 ----- 1010011`, COMPARED, lower.compare(format, "le")),
    op(`fclass.${suffix}`, `11100 ${fmt} 00000 ----- 001 ----- 1010011`, "rd,fs1", lower.classify(format)),
    ...conversions(suffix, fmt),
    ...moves(suffix, fmt),
  ];
}

/** Conversions from and to integers; the rs2 field names the integer type. */
function conversions(suffix: "s" | "d", fmt: string): Row[] {
  const format = suffix === "s" ? SINGLE : DOUBLE;
  const integers = [
    ["w", "00000"],
    ["wu", "00001"],
    ["l", "00010"],
    ["lu", "00011"],
  ] as const;
  return integers.flatMap(([name, rs2]) => {
    const integer = convert.INTEGER[name];
    return [
      op(
        `fcvt.${name}.${suffix}`,
        `11000 ${fmt} ${rs2} ----- --- ----- 1010011`,
        "rd,fs1,rm",
        convert.toInteger(format, integer),
      ),
      op(
        `fcvt.${suffix}.${name}`,
        `11010 ${fmt} ${rs2} ----- --- ----- 1010011`,
        suffix === "d" && integer.type === "i32" ? "fd,rs1,erm" : "fd,rs1,rm",
        convert.fromInteger(format, integer),
      ),
    ];
  });
}

/** Moves of raw bits, named after the width in memory. */
function moves(suffix: "s" | "d", fmt: string): Row[] {
  const format = suffix === "s" ? SINGLE : DOUBLE;
  const width = suffix === "s" ? "w" : "d";
  const funct3 = suffix === "s" ? "010" : "011";
  return [
    op(`fmv.x.${width}`, `11100 ${fmt} 00000 ----- 000 ----- 1010011`, "rd,fs1", convert.moveToInteger(format)),
    op(`fmv.${width}.x`, `11110 ${fmt} 00000 ----- 000 ----- 1010011`, "fd,rs1", convert.moveFromInteger(format)),
    instruction(
      "load",
      `fl${width}`,
      `------------ ----- ${funct3} ----- 0000111`,
      "fd,iimm(rs1)",
      convert.load(format),
    ),
    instruction(
      "store",
      `fs${width}`,
      `------- ----- ----- ${funct3} ----- 0100111`,
      "fs2,simm(rs1)",
      suffix === "s" ? convert.storeSingle : convert.storeDouble,
    ),
  ];
}

export const RV_F: readonly Row[] = arithmetic("s");

export const RV_D: readonly Row[] = [
  ...arithmetic("d"),
  op("fcvt.s.d", "01000 00 00001 ----- --- ----- 1010011", "fd,fs1,rm", convert.narrow),
  op("fcvt.d.s", "01000 01 00000 ----- --- ----- 1010011", "fd,fs1,erm", convert.widen),
];
