/** Makes riscv64 programs of a few instructions for tests; it has no tests of its own. */
import { assemble } from "../isa/assemble.ts";

const BASE = 0x1_0000;
const HEADER = 64;
const PROGRAM_HEADER = 56;

/** A static ELF file whose only segment, readable and executable, is these instructions. */
export function program(...lines: readonly string[]): Uint8Array {
  const { bytes: code } = assemble(lines.join("\n"), BASE + HEADER + PROGRAM_HEADER);
  const file = new Uint8Array(HEADER + PROGRAM_HEADER + code.length);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true); // e_type: ET_EXEC
  view.setUint16(18, 243, true); // e_machine: EM_RISCV
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(BASE + HEADER + PROGRAM_HEADER), true); // e_entry
  view.setBigUint64(32, BigInt(HEADER), true); // e_phoff
  view.setUint32(48, 5, true); // e_flags: RVC, double float ABI
  view.setUint16(52, HEADER, true);
  view.setUint16(54, PROGRAM_HEADER, true);
  view.setUint16(56, 1, true); // e_phnum
  view.setUint32(HEADER, 1, true); // p_type: PT_LOAD
  view.setUint32(HEADER + 4, 5, true); // p_flags: R X
  view.setBigUint64(HEADER + 16, BigInt(BASE), true); // p_vaddr
  view.setBigUint64(HEADER + 24, BigInt(BASE), true);
  view.setBigUint64(HEADER + 32, BigInt(file.length), true);
  view.setBigUint64(HEADER + 40, BigInt(file.length), true);
  view.setBigUint64(HEADER + 48, 0x1000n, true);
  file.set(code, HEADER + PROGRAM_HEADER);
  return file;
}
