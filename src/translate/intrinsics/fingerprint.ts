/** Names a piece of machine code by what it does rather than where it lies. */
import type { Step, Steps } from "../step.ts";

const FNV_OFFSET = 0x811c_9dc5;
const FNV_PRIME = 0x0100_0193;
const SECOND_PRIME = 0x85eb_ca6b;

/**
 * Hashes the instructions of `length` bytes from `start`: names and operands, except the distances that differ from one link
 * to the next, those of calls and of addresses made by auipc.
 *
 * @returns 16 hexadecimal digits, or undefined if there is anything but instructions.
 */
export function fingerprint(decoded: Steps, start: number, length: number): string | undefined {
  let first = FNV_OFFSET;
  let second = length;
  let page = -1;
  for (let pc = start; pc < start + length; ) {
    const step = decoded.at(pc);
    if (step === undefined) return undefined;
    const near = describe(step, start, length, page);
    for (let i = 0; i < near.length; i++) {
      first = Math.imul(first ^ near.charCodeAt(i), FNV_PRIME);
      second = Math.imul(second ^ near.charCodeAt(i), SECOND_PRIME) + (second >>> 15);
    }
    page = step.op.name === "auipc" ? step.rd : -1;
    pc += step.length;
  }
  return hex(first) + hex(second);
}

function describe(step: Step, start: number, length: number, page: number): string {
  const { op, pc, rd, rs1, rs2, imm } = step;
  // c.mv, as the manual has it.
  if (step.length === 2 && op.name === "addi" && imm === 0 && rd !== rs1 && rs1 !== 0) return `add ${rd} 0 ${rs1} 0;`;
  const away = op.kind === "jal" && (pc + imm < start || pc + imm >= start + length);
  const linked = op.name === "auipc" || away || (page > 0 && rs1 === page);
  return `${op.name} ${rd} ${rs1} ${rs2} ${linked ? "?" : imm};`;
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
