/** The instruction table: every instruction of RV64GC, Zba, Zbb, Zbs and Zicond, once. All else here derives from it. */
import type { CompressedInstruction, Extension, Instruction, Row } from "./instruction.ts";
import { RV_A } from "./rv-a.ts";
import { RV_C } from "./rv-c.ts";
import { RV_D, RV_F } from "./rv-fd.ts";
import { RV_I, ZICSR, ZIFENCEI } from "./rv-i.ts";
import { RV_M } from "./rv-m.ts";
import { ZBA, ZBB, ZBS, ZICOND } from "./rv-zb.ts";

const EXTENSIONS: readonly (readonly [Extension, readonly Row[]])[] = [
  ["I", RV_I],
  ["M", RV_M],
  ["A", RV_A],
  ["F", RV_F],
  ["D", RV_D],
  ["Zicsr", ZICSR],
  ["Zifencei", ZIFENCEI],
  ["Zba", ZBA],
  ["Zbb", ZBB],
  ["Zbs", ZBS],
  ["Zicond", ZICOND],
];

/** All 32-bit instructions; an instruction's `number` is its index here. */
export const INSTRUCTIONS: readonly Instruction[] = EXTENSIONS.flatMap(([extension, rows]) =>
  rows.map((row) => ({ extension, ...row })),
).map((row, number) => ({ number, ...row }));

/** All 16-bit instructions. */
export const COMPRESSED: readonly CompressedInstruction[] = RV_C;

const byName = new Map(INSTRUCTIONS.map((row) => [row.name, row]));

/** The instruction of that name; asking for one that does not exist is a bug. */
export function instructionNamed(name: string): Instruction {
  const row = byName.get(name);
  if (row === undefined) throw new Error(`no instruction is named ${name}`);
  return row;
}
