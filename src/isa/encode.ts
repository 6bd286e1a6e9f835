/** From a table row and operand fields to an instruction word; the inverse of decode. */
import { type Fields, OPERANDS } from "./fields.ts";
import type { CompressedInstruction, Instruction } from "./instruction.ts";

/**
 * Encodes an instruction. Fields that are left out are 0; an immediate is cut to the bits that the format has.
 *
 * @returns the word, unsigned; 16 bits of it for a compressed row.
 */
export function encode(row: Instruction | CompressedInstruction, fields: Readonly<Partial<Fields>>): number {
  let word = row.match;
  for (const name of row.operands) {
    const operand = OPERANDS[name]!;
    word |= operand.put(fields[operand.fields[0]!] ?? 0);
  }
  return word >>> 0;
}
