/** Text of an instruction, as GNU objdump prints it with `-M no-aliases`. */
import { decode, findCompressed, isCompressed } from "./decode.ts";
import { OPERANDS, tokens } from "./fields.ts";
import type { CompressedInstruction, Instruction } from "./instruction.ts";

/**
 * Disassembles the instruction at the start of `word`; branch targets are printed as addresses relative to `pc`.
 *
 * What does not decode is shown as data, `.2byte` or `.4byte`.
 */
export function disassemble(word: number, pc = 0): string {
  const decoded = decode(word);
  if (decoded === undefined) {
    const [directive, bits] = isCompressed(word) ? [".2byte", word & 0xffff] : [".4byte", word >>> 0];
    return `${directive}\t0x${bits.toString(16)}`;
  }
  return decoded.length === 2 ? print(findCompressed(word)!, word, pc) : print(decoded.op, word, pc);
}

function print(row: Instruction | CompressedInstruction, word: number, pc: number): string {
  let suffix = "";
  let text = "";
  for (const token of tokens(row.syntax)) {
    const operand = OPERANDS[token];
    const shown = operand === undefined ? token : operand.show(operand.get(word), pc);
    if (token === "aqrl") suffix = shown;
    // A rounding mode that goes without saying is not printed, nor the comma before it.
    else if (shown === "") text = text.slice(0, -1);
    else text += shown;
  }
  text = text.trim();
  return text === "" ? row.name : `${row.name}${suffix}\t${text}`;
}
