/** An ELF file as the loader needs it: parsed and bounds-checked, with nothing mapped (load_elf_binary of fs/binfmt_elf.c). */
import {
  EF_RISCV,
  EI,
  ELFCLASS,
  ELFDATA,
  EM_RISCV,
  ET,
  elfHeader,
  MACHINE_NAMES,
  PF,
  PT,
  programHeader,
} from "../../abi/elf.ts";
import { ELIBBAD, ENOEXEC, ENOMEM, type Errno } from "../../abi/errno.ts";
import { PATH_MAX } from "../../abi/limits.ts";
import { PROT } from "../../abi/mman.ts";
import { type ByteString, byteString } from "../../base/bytes.ts";
import { LAYOUT, PAGE_SIZE } from "../../machine/memory.ts";
import { pageDown, pageUp } from "../mm/mapping.ts";
import { LoadError } from "./load-error.ts";

/** A PT_LOAD segment. */
export interface Segment {
  readonly offset: number;
  readonly vaddr: number;
  readonly filesz: number;
  readonly memsz: number;
  /** PROT_* bits. */
  readonly prot: number;
}

export interface ElfImage {
  /** Whether it may be loaded anywhere. */
  readonly relocatable: boolean;
  /** Before relocation, like every address here. */
  readonly entry: number;
  /** Where the program headers lie once loaded (AT_PHDR); 0 if no segment holds them. */
  readonly headers: number;
  readonly headerCount: number;
  readonly segments: readonly Segment[];
  /** First and last page of all segments. */
  readonly start: number;
  readonly end: number;
  /** Largest alignment that a segment asks for. */
  readonly align: number;
  /** PT_INTERP. */
  readonly interpreter: ByteString | undefined;
  readonly executableStack: boolean;
}

/** A file to be parsed. */
export interface ElfSource {
  readonly name: ByteString;
  readonly size: number;
  /** Reads up to `length` bytes; undefined if that fails. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> | undefined;
}

/** Linux reads at most this much of program headers. */
const MAX_HEADER_BYTES = 0x1_0000;

const BUILD_CURE =
  "Drupe runs riscv64 Linux programs: build it for riscv64 (riscv64-linux-gnu-gcc), or take the riscv64 package of a distribution.";

/** Parses a program, or an interpreter: for that, what is wrong answers ELIBBAD. */
export function parseElf(source: ElfSource, role: "program" | "interpreter"): ElfImage | LoadError {
  const errno = role === "program" ? ENOEXEC : ELIBBAD;
  const { name } = source;
  const head = source.read(0, elfHeader.size) ?? new Uint8Array();
  if (role === "program" && !isElf(head)) return notElf(name, head);
  if (head.length < elfHeader.size) return malformed(errno, name, "the file is too short for its header");
  const header = elfHeader.read(new DataView(head.buffer), 0);
  const foreign = checkMachine(errno, name, header);
  if (foreign !== undefined) return foreign;
  if (header.phentsize !== programHeader.size)
    return malformed(errno, name, "its program headers have an unknown size");
  const headerBytes = header.phnum * programHeader.size;
  if (header.phnum === 0 || headerBytes > MAX_HEADER_BYTES) return malformed(errno, name, "it has no program headers");
  const table = source.read(header.phoff, headerBytes);
  if (table === undefined || table.length < headerBytes)
    return malformed(errno, name, "the file ends within its program headers");
  return new HeaderReader(errno, source).image(header, new DataView(table.buffer));
}

type Header = ReturnType<typeof elfHeader.read>;
type ProgramHeader = ReturnType<typeof programHeader.read>;

/** Collects the program headers of one file. */
class HeaderReader {
  private readonly errno: Errno;
  private readonly source: ElfSource;
  private readonly segments: Segment[] = [];
  private interpreter: ByteString | undefined;
  private executableStack = false;
  private align = PAGE_SIZE;

  constructor(errno: Errno, source: ElfSource) {
    this.errno = errno;
    this.source = source;
  }

  image(header: Header, table: DataView): ElfImage | LoadError {
    for (let at = 0; at < table.byteLength; at += programHeader.size) {
      const wrong = this.take(programHeader.read(table, at));
      if (wrong !== undefined) return wrong;
    }
    const first = this.segments[0];
    if (first === undefined) return this.malformed("it has nothing to load");
    const start = pageDown(first.vaddr);
    const end = this.segments.reduce((high, { vaddr, memsz }) => Math.max(high, pageUp(vaddr + memsz)), 0);
    const relocatable = header.type === ET.DYN;
    if (!relocatable && (start < LAYOUT.mapMin || end > LAYOUT.arenaLow))
      return misplaced(this.source.name, start, end);
    const { phoff, phnum: headerCount, entry } = header;
    const holder = this.segments.find(({ offset, filesz }) => offset <= phoff && phoff < offset + filesz);
    return {
      relocatable,
      entry,
      headers: holder === undefined ? 0 : phoff - holder.offset + holder.vaddr,
      headerCount,
      segments: this.segments,
      start,
      end,
      align: this.align,
      interpreter: this.interpreter,
      executableStack: this.executableStack,
    };
  }

  private take(header: ProgramHeader): LoadError | undefined {
    switch (header.type) {
      case PT.LOAD:
        return this.takeSegment(header);
      case PT.INTERP:
        return this.interpreter === undefined ? this.takeInterpreter(header) : undefined;
      case PT.GNU_STACK:
        this.executableStack = (header.flags & PF.X) !== 0;
        return undefined;
      default:
        return undefined;
    }
  }

  private takeSegment({ offset, vaddr, filesz, memsz, flags, align }: ProgramHeader): LoadError | undefined {
    if (memsz === 0) return undefined;
    const previous = this.segments.at(-1);
    if (filesz > memsz) return this.malformed("a segment has more bytes in the file than in memory");
    if (vaddr + memsz > LAYOUT.end) {
      return this.malformed("a segment lies beyond 4 GiB");
    }
    if (offset + filesz > this.source.size) return this.malformed("the file ends within a segment");
    if (offset % PAGE_SIZE !== vaddr % PAGE_SIZE) return this.malformed("a segment is not aligned to pages");
    if (previous !== undefined && vaddr < previous.vaddr + previous.memsz)
      return this.malformed("its segments overlap");
    if (align > this.align && Number.isInteger(Math.log2(align)) && align <= LAYOUT.arenaHigh) this.align = align;
    const prot =
      ((flags & PF.R) !== 0 ? PROT.READ : 0) |
      ((flags & PF.W) !== 0 ? PROT.WRITE : 0) |
      ((flags & PF.X) !== 0 ? PROT.EXEC : 0);
    this.segments.push({ offset, vaddr, filesz, memsz, prot });
    return undefined;
  }

  private takeInterpreter({ offset, filesz }: ProgramHeader): LoadError | undefined {
    if (filesz < 2 || filesz > PATH_MAX) return this.malformed("the name of its interpreter has an impossible length");
    const bytes = this.source.read(offset, filesz);
    if (bytes === undefined || bytes.length < filesz || bytes[filesz - 1] !== 0) {
      return this.malformed("the name of its interpreter does not end");
    }
    this.interpreter = byteString(bytes.subarray(0, bytes.indexOf(0)));
    return undefined;
  }

  private malformed(why: string): LoadError {
    return malformed(this.errno, this.source.name, why);
  }
}

function checkMachine(errno: Errno, name: ByteString, { ident, type, machine, flags }: Header): LoadError | undefined {
  const elfClass = ident[EI.CLASS];
  if (ident[EI.DATA] === ELFDATA.MSB) {
    // Fields were read with the wrong byte order.
    const swapped = ((machine & 0xff) << 8) | (machine >> 8);
    return new LoadError(errno, `${name} is built for ${machineName(swapped)}, big-endian`, BUILD_CURE);
  }
  if (ident[EI.DATA] !== ELFDATA.LSB || (elfClass !== ELFCLASS.CLASS32 && elfClass !== ELFCLASS.CLASS64)) {
    return malformed(errno, name, "its ELF identification is invalid");
  }
  if (machine !== EM_RISCV) return new LoadError(errno, `${name} is built for ${machineName(machine)}`, BUILD_CURE);
  if (elfClass === ELFCLASS.CLASS32) return new LoadError(errno, `${name} is built for 32-bit RISC-V`, BUILD_CURE);
  if (type !== ET.EXEC && type !== ET.DYN) {
    const cure = type === ET.REL ? "Link it first: it is an object file." : undefined;
    return new LoadError(errno, `${name} is not an executable ELF file (type ${type})`, cure);
  }
  if ((flags & EF_RISCV.RVE) !== 0 || (flags & EF_RISCV.FLOAT_ABI) === EF_RISCV.FLOAT_ABI_QUAD) {
    return new LoadError(
      errno,
      `${name} is built for an ABI of RISC-V that Linux does not run (e_flags ${flags})`,
      BUILD_CURE,
    );
  }
  return undefined;
}

function machineName(machine: number): string {
  return machine === EM_RISCV ? "RISC-V" : (MACHINE_NAMES[machine] ?? `an unknown machine (${machine})`);
}

function malformed(errno: Errno, name: ByteString, why: string): LoadError {
  return new LoadError(errno, `${name} is a malformed ELF file: ${why}`);
}

function misplaced(name: ByteString, start: number, end: number): LoadError {
  const hex = (address: number): string => `0x${address.toString(16)}`;
  return new LoadError(
    ENOMEM,
    `${name} is linked to ${hex(start)}–${hex(end)}, and only ${hex(LAYOUT.mapMin)}–${hex(LAYOUT.arenaLow)} can be had`,
    "Link it as a position-independent executable (-pie, -static-pie).",
  );
}

function isElf(head: Uint8Array): boolean {
  return head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
}

function notElf(path: ByteString, head: Uint8Array): LoadError {
  if (head[0] === 0x4d && head[1] === 0x5a) {
    return new LoadError(ENOEXEC, `${path} is a Windows program`, "Drupe runs Linux programs built for riscv64.");
  }
  if (head.length >= 4 && MACH_O.has(new DataView(head.buffer, head.byteOffset).getUint32(0))) {
    return new LoadError(ENOEXEC, `${path} is a macOS program`, "Drupe runs Linux programs built for riscv64.");
  }
  return new LoadError(
    ENOEXEC,
    `${path} is neither an ELF program nor a script that names its interpreter`,
    "If it is a script without a first line like #!/bin/sh, run it with its interpreter.",
  );
}

/** First four bytes of Mach-O files, thin and fat. */
const MACH_O: ReadonlySet<number> = new Set([0xfeed_face, 0xfeed_facf, 0xcefa_edfe, 0xcffa_edfe, 0xcafe_babe]);
