/** Wraps a random program into a static riscv64 executable. */
import { PLACE } from "../../dist/isa/random/layout.js";

const EHDR = 64;
const PHDR = 56;
const PAGE = 0x1000;
const PT_LOAD = 1;
const RWX = 7;
const RW = 6;

/** @returns the bytes of an ELF file that loads the program at its places and starts at its first byte. */
export function elfOf({ code, constants }) {
  const dataSize = PLACE.dataEnd - PLACE.dump;
  const codeAt = PAGE;
  const dataAt = Math.ceil((codeAt + code.length) / PAGE) * PAGE;
  const file = Buffer.alloc(dataAt + dataSize);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(2, 16); // ET_EXEC
  file.writeUInt16LE(243, 18); // EM_RISCV
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(PLACE.code), 24);
  file.writeBigUInt64LE(BigInt(EHDR), 32);
  file.writeUInt32LE(5, 48); // EF_RISCV_RVC, double-float ABI
  file.writeUInt16LE(EHDR, 52);
  file.writeUInt16LE(PHDR, 54);
  file.writeUInt16LE(2, 56);
  segment(file, EHDR, { flags: RWX, offset: codeAt, address: PLACE.code, size: code.length });
  segment(file, EHDR + PHDR, { flags: RW, offset: dataAt, address: PLACE.dump, size: dataSize });
  file.set(code, codeAt);
  file.set(constants, dataAt + PLACE.constants - PLACE.dump);
  return file;
}

function segment(file, at, { flags, offset, address, size }) {
  file.writeUInt32LE(PT_LOAD, at);
  file.writeUInt32LE(flags, at + 4);
  for (const [i, value] of [offset, address, address, size, size, PAGE].entries()) {
    file.writeBigUInt64LE(BigInt(value), at + 8 + i * 8);
  }
}

/** The program as QEMU 7.2 has to have it. */
export function forOracle(program) {
  const code = Buffer.from(program.code);
  for (const { address, words } of program.substitutes) {
    for (const [i, word] of words.entries()) code.writeUInt32LE(word, address - PLACE.code + i * 4);
  }
  return { ...program, code };
}
