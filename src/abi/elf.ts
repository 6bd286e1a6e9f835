/** ELF64 as Linux and the RISC-V psABI use it (elf.h; riscv-elf-psabi, "ELF Object Files"). */
import { array, i64, struct, u8, u16, u32, u64 } from "../base/struct.ts";

/** Where the parts of e_ident lie, and what they hold. */
export const EI = { CLASS: 4, DATA: 5, VERSION: 6, OSABI: 7, NIDENT: 16 } as const;
export const ELFCLASS = { CLASS32: 1, CLASS64: 2 } as const;
export const ELFDATA = { LSB: 1, MSB: 2 } as const;
export const EV_CURRENT = 1;

export const ET = { NONE: 0, REL: 1, EXEC: 2, DYN: 3, CORE: 4 } as const;

export const EM_RISCV = 243;

/** Machines that a program may have been built for by mistake, for the message that refuses it. */
export const MACHINE_NAMES: Readonly<Record<number, string>> = {
  2: "SPARC",
  3: "x86 (32-bit)",
  8: "MIPS",
  20: "PowerPC",
  21: "PowerPC 64",
  22: "s390x",
  40: "ARM (32-bit)",
  43: "SPARC 64",
  62: "x86-64",
  183: "aarch64",
  247: "BPF",
  258: "LoongArch",
};

export const PT = {
  NULL: 0,
  LOAD: 1,
  DYNAMIC: 2,
  INTERP: 3,
  NOTE: 4,
  SHLIB: 5,
  PHDR: 6,
  TLS: 7,
  GNU_EH_FRAME: 0x6474e550,
  GNU_STACK: 0x6474e551,
  GNU_RELRO: 0x6474e552,
} as const;

export const PF = { X: 1, W: 2, R: 4 } as const;

/** e_flags: the code may hold 16-bit instructions; the floating-point calling convention. */
export const EF_RISCV = { RVC: 1, FLOAT_ABI: 6, FLOAT_ABI_QUAD: 6, RVE: 8 } as const;

export const SHT = {
  SYMTAB: 2,
  STRTAB: 3,
  HASH: 5,
  DYNAMIC: 6,
  NOTE: 7,
  NOBITS: 8,
  DYNSYM: 11,
  GNU_VERDEF: 0x6ffffffd,
  GNU_VERSYM: 0x6fffffff,
} as const;

export const STT = { NOTYPE: 0, FUNC: 2 } as const;
export const STB = { GLOBAL: 1 } as const;

export const DT = {
  NULL: 0,
  HASH: 4,
  STRTAB: 5,
  SYMTAB: 6,
  STRSZ: 10,
  SYMENT: 11,
  SONAME: 14,
  VERSYM: 0x6ffffff0,
  VERDEF: 0x6ffffffc,
  VERDEFNUM: 0x6ffffffd,
} as const;

/** Elf64_Ehdr */
export const elfHeader = struct({
  ident: array(u8, EI.NIDENT),
  type: u16,
  machine: u16,
  version: u32,
  entry: u64,
  phoff: u64,
  shoff: u64,
  flags: u32,
  ehsize: u16,
  phentsize: u16,
  phnum: u16,
  shentsize: u16,
  shnum: u16,
  shstrndx: u16,
});

/** Elf64_Phdr */
export const programHeader = struct({
  type: u32,
  flags: u32,
  offset: u64,
  vaddr: u64,
  paddr: u64,
  filesz: u64,
  memsz: u64,
  align: u64,
});

/** Elf64_Shdr */
export const sectionHeader = struct({
  name: u32,
  type: u32,
  flags: u64,
  addr: u64,
  offset: u64,
  size: u64,
  link: u32,
  info: u32,
  addralign: u64,
  entsize: u64,
});

/** Elf64_Sym */
export const elfSymbol = struct({ name: u32, info: u8, other: u8, shndx: u16, value: u64, size: u64 });

/** Elf64_Dyn */
export const elfDynamic = struct({ tag: i64, value: u64 });

/** Elf64_Verdef and Elf64_Verdaux */
export const versionDefinition = struct({
  version: u16,
  flags: u16,
  index: u16,
  count: u16,
  hash: u32,
  aux: u32,
  next: u32,
});
export const versionAuxiliary = struct({ name: u32, next: u32 });
