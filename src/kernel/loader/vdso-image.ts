/**
 * The file of the vDSO: a small shared object whose functions are the system calls of the same name (arch/riscv/kernel/vdso). An
 * ecall costs a function call here, so that nothing is gained by reading clocks without one.
 */
import {
  DT,
  EI,
  ELFCLASS,
  ELFDATA,
  EM_RISCV,
  ET,
  EV_CURRENT,
  elfDynamic,
  elfHeader,
  elfSymbol,
  PF,
  PT,
  programHeader,
  STB,
  STT,
  versionAuxiliary,
  versionDefinition,
} from "../../abi/elf.ts";
import { SYSCALL_NUMBERS, type SyscallName } from "../../abi/riscv64/syscalls.ts";
import { type ByteString, bytesOf } from "../../base/bytes.ts";
import { sha256 } from "../../base/sha256.ts";
import { type Layout, roundUp, u32 } from "../../base/struct.ts";

const SONAME = "linux-vdso.so.1";
const VERSION = "LINUX_4.15";

const FUNCTIONS: readonly (readonly [symbol: string, call: SyscallName])[] = [
  ["__vdso_rt_sigreturn", "rt_sigreturn"],
  ["__vdso_gettimeofday", "gettimeofday"],
  ["__vdso_clock_gettime", "clock_gettime"],
  ["__vdso_clock_getres", "clock_getres"],
  ["__vdso_getcpu", "getcpu"],
  ["__vdso_flush_icache", "riscv_flush_icache"],
];

/** `li a7, number; ecall; ret`. Unwinders know signal frames by the first two instructions of __vdso_rt_sigreturn. */
const functionCode = (number: number): readonly number[] => [(number << 20) | (17 << 7) | 0x13, 0x73, 0x8067];
const FUNCTION_BYTES = 12;

export interface VdsoImage {
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes. */
  readonly digest: string;
  /** Offset of __vdso_rt_sigreturn. */
  readonly sigreturn: number;
}

/** Strings by offset, NUL-terminated; offset 0 is the empty one. */
class Strings {
  text = "\0";

  add(text: string): number {
    const at = this.text.length;
    this.text += `${text}\0`;
    return at;
  }
}

/** The System V ABI's hash of symbol and version names. */
function elfHash(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) {
    hash = ((hash << 4) + name.charCodeAt(i)) >>> 0;
    const high = hash & 0xf000_0000;
    hash = (hash ^ (high >>> 24)) & ~high;
  }
  return hash >>> 0;
}

/** Links the vDSO: the same bytes in every kernel. */
export function buildVdso(): VdsoImage {
  const strings = new Strings();
  const soname = strings.add(SONAME);
  const version = strings.add(VERSION);
  const names = FUNCTIONS.map(([symbol]) => strings.add(symbol));

  const programHeaders = 3;
  const symbolCount = FUNCTIONS.length + 1;
  let end = elfHeader.size + programHeaders * programHeader.size;
  const place = (bytes: number, align = 8): number => {
    const at = roundUp(end, align);
    end = at + bytes;
    return at;
  };
  const hashAt = place(4 * (2 + 1 + symbolCount));
  const symbolsAt = place(symbolCount * elfSymbol.size);
  const stringsAt = place(strings.text.length);
  const versionsAt = place(2 * symbolCount, 2);
  const definitionsAt = place(2 * (versionDefinition.size + versionAuxiliary.size));
  const dynamicAt = place(DYNAMIC_ENTRIES * elfDynamic.size);
  const textAt = place(FUNCTIONS.length * FUNCTION_BYTES, 16);

  const bytes = new Uint8Array(end);
  const view = new DataView(bytes.buffer);
  writeHeaders(view, end, { dynamicAt, programHeaders });
  writeHash(view, hashAt, symbolCount);
  FUNCTIONS.forEach(([, call], i) => {
    const value = textAt + i * FUNCTION_BYTES;
    writeAll(view, value, u32, functionCode(SYSCALL_NUMBERS[call]));
    const symbol = {
      name: names[i]!,
      info: (STB.GLOBAL << 4) | STT.FUNC,
      other: 0,
      shndx: 1,
      value,
      size: FUNCTION_BYTES,
    };
    elfSymbol.write(view, symbolsAt + (i + 1) * elfSymbol.size, symbol);
    view.setUint16(versionsAt + 2 * (i + 1), VERSION_INDEX, true);
  });
  bytes.set(bytesOf(strings.text as ByteString), stringsAt);
  writeVersions(view, definitionsAt, [
    { name: soname, hash: elfHash(SONAME), index: 1, flags: VER_FLG_BASE },
    { name: version, hash: elfHash(VERSION), index: VERSION_INDEX, flags: 0 },
  ]);
  writeAll(view, dynamicAt, elfDynamic, [
    { tag: DT.HASH, value: hashAt },
    { tag: DT.STRTAB, value: stringsAt },
    { tag: DT.SYMTAB, value: symbolsAt },
    { tag: DT.STRSZ, value: strings.text.length },
    { tag: DT.SYMENT, value: elfSymbol.size },
    { tag: DT.SONAME, value: soname },
    { tag: DT.VERSYM, value: versionsAt },
    { tag: DT.VERDEF, value: definitionsAt },
    { tag: DT.VERDEFNUM, value: 2 },
    { tag: DT.NULL, value: 0 },
  ]);
  return { bytes, digest: sha256(bytes), sigreturn: textAt };
}

const DYNAMIC_ENTRIES = 10;
const VERSION_INDEX = 2;
const VER_FLG_BASE = 1;

function writeHeaders(
  view: DataView,
  size: number,
  { dynamicAt, programHeaders }: { dynamicAt: number; programHeaders: number },
): void {
  const ident = [0x7f, 0x45, 0x4c, 0x46, ...new Array<number>(EI.NIDENT - 4).fill(0)];
  ident[EI.CLASS] = ELFCLASS.CLASS64;
  ident[EI.DATA] = ELFDATA.LSB;
  ident[EI.VERSION] = EV_CURRENT;
  elfHeader.write(view, 0, {
    ident,
    type: ET.DYN,
    machine: EM_RISCV,
    version: EV_CURRENT,
    entry: 0,
    phoff: elfHeader.size,
    shoff: 0,
    flags: 5, // RVC, double-float ABI
    ehsize: elfHeader.size,
    phentsize: programHeader.size,
    phnum: programHeaders,
    shentsize: 0,
    shnum: 0,
    shstrndx: 0,
  });
  const segment = (type: number, flags: number, offset: number, bytes: number, align: number) => ({
    type,
    flags,
    offset,
    vaddr: offset,
    paddr: offset,
    filesz: bytes,
    memsz: bytes,
    align,
  });
  writeAll(view, elfHeader.size, programHeader, [
    segment(PT.LOAD, PF.R | PF.X, 0, size, 0x1000),
    segment(PT.DYNAMIC, PF.R, dynamicAt, DYNAMIC_ENTRIES * elfDynamic.size, 8),
    segment(PT.GNU_STACK, PF.R | PF.W, 0, 0, 16),
  ]);
}

/** One bucket that chains all symbols: there are only a few. */
function writeHash(view: DataView, at: number, symbolCount: number): void {
  const words = [1, symbolCount, symbolCount - 1, 0];
  for (let i = 1; i < symbolCount; i++) words.push(i - 1);
  writeAll(view, at, u32, words);
}

interface VersionEntry {
  readonly name: number;
  readonly hash: number;
  readonly index: number;
  readonly flags: number;
}

function writeVersions(view: DataView, at: number, entries: readonly VersionEntry[]): void {
  const step = versionDefinition.size + versionAuxiliary.size;
  entries.forEach(({ name, hash, index, flags }, i) => {
    const next = i + 1 < entries.length ? step : 0;
    const definition = { version: 1, flags, index, count: 1, hash, aux: versionDefinition.size, next };
    versionDefinition.write(view, at + i * step, definition);
    versionAuxiliary.write(view, at + i * step + versionDefinition.size, { name, next: 0 });
  });
}

function writeAll<T>(view: DataView, at: number, layout: Layout<T>, values: readonly T[]): void {
  for (const [i, value] of values.entries()) layout.write(view, at + i * layout.size, value);
}
