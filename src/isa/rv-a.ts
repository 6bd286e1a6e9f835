/** A: atomic instructions, for words and doublewords. */
import { instruction, type Lower, type Row } from "./instruction.ts";
import * as lower from "./lower/atomic.ts";

const AMO = "aqrl rd,rs2,(rs1)";

function atomics(suffix: "w" | "d"): Row[] {
  const width = lower.ATOMIC_WIDTH[suffix];
  const funct3 = suffix === "w" ? "010" : "011";
  const amo = (name: string, funct5: string, rs2: string, syntax: string, emit: Lower) =>
    instruction("amo", `${name}.${suffix}`, `${funct5} -- ${rs2} ----- ${funct3} ----- 0101111`, syntax, emit);
  return [
    amo("lr", "00010", "00000", "aqrl rd,(rs1)", lower.loadReserved(width)),
    amo("sc", "00011", "-----", AMO, lower.storeConditional(width)),
    amo("amoadd", "00000", "-----", AMO, lower.atomic(width, "add")),
    amo("amoswap", "00001", "-----", AMO, lower.atomic(width, "xchg")),
    amo("amoxor", "00100", "-----", AMO, lower.atomic(width, "xor")),
    amo("amoor", "01000", "-----", AMO, lower.atomic(width, "or")),
    amo("amoand", "01100", "-----", AMO, lower.atomic(width, "and")),
    amo("amomin", "10000", "-----", AMO, lower.atomicChoice(width, "lt_s")),
    amo("amomax", "10100", "-----", AMO, lower.atomicChoice(width, "gt_s")),
    amo("amominu", "11000", "-----", AMO, lower.atomicChoice(width, "lt_u")),
    amo("amomaxu", "11100", "-----", AMO, lower.atomicChoice(width, "gt_u")),
  ];
}

export const RV_A: readonly Row[] = [...atomics("w"), ...atomics("d")];
