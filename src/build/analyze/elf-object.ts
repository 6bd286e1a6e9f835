/** An ELF file as analysis reads it: its text, its symbols, and what its dynamic section asks for. Addresses are the file's own. */
import { elfDynamic, elfHeader, elfSymbol, SHT, STT, sectionHeader } from "../../abi/elf.ts";
import { PROT } from "../../abi/mman.ts";
import { type ByteString, byteString } from "../../base/bytes.ts";
import { i64, type Layout, struct, u32, u64 } from "../../base/struct.ts";
import { type ElfImage, type ElfSource, parseElf } from "../../kernel/loader/elf-image.ts";
import { LoadError } from "../../kernel/loader/load-error.ts";
import { functionSymbols } from "../../kernel/loader/symbols.ts";
import type { CodeSymbol } from "../../machine/engine.ts";
import type { CodeView } from "../../translate/target.ts";

/** Tags of the dynamic section that analysis needs (elf.h). */
const DT = {
  NEEDED: 1,
  PLTRELSZ: 2,
  STRTAB: 5,
  SYMTAB: 6,
  RELA: 7,
  RELASZ: 8,
  INIT: 12,
  FINI: 13,
  RPATH: 15,
  JMPREL: 23,
  INIT_ARRAY: 25,
  FINI_ARRAY: 26,
  INIT_ARRAYSZ: 27,
  FINI_ARRAYSZ: 28,
  RUNPATH: 29,
  PREINIT_ARRAY: 32,
  PREINIT_ARRAYSZ: 33,
} as const;

/** Relocations that hold addresses (riscv-elf-psabi, "Relocations"). */
const R_RISCV = { NONE: 0, R64: 2, RELATIVE: 3, JUMP_SLOT: 5, IRELATIVE: 58 } as const;

const elfRelocation = struct({ offset: u64, type: u32, symbol: u32, addend: i64 });

/** What a word of data will hold when the object is loaded. */
export interface Relocation {
  readonly offset: number;
  readonly symbol: string | undefined;
  /** An address of this object, if there is no symbol. */
  readonly addend: number;
  /** Whether the address is that of a function which answers the address (STT_GNU_IFUNC). */
  readonly indirect: boolean;
}

export interface ElfObject {
  readonly path: ByteString;
  readonly image: ElfImage;
  readonly code: CodeView;
  /** Executable ranges. */
  readonly text: readonly { readonly start: number; readonly end: number }[];
  /** Function symbols by ascending address. */
  readonly functions: readonly CodeSymbol[];
  /** Symbols that other objects can refer to, by name. */
  readonly exports: ReadonlyMap<string, number>;
  readonly relocations: ReadonlyMap<number, Relocation>;
  readonly needed: readonly string[];
  readonly runpath: readonly string[];
  /** Addresses that the loader calls. */
  readonly roots: readonly number[];
  /** A word of the file as it is loaded, before relocation; undefined where there is none. */
  word64(address: number): number | undefined;
}

/** Reads an ELF file; undefined if it is none, a message if it is malformed or for another machine. */
export function readElfObject(
  path: ByteString,
  bytes: Uint8Array,
  role: "program" | "interpreter",
): ElfObject | LoadError {
  const whole = new Uint8Array(bytes);
  const readAt = (offset: number, length: number): Uint8Array<ArrayBuffer> =>
    whole.subarray(offset, Math.min(offset + length, whole.length));
  const source: ElfSource = {
    name: path,
    size: whole.length,
    read: (offset, length) => (offset > whole.length ? undefined : readAt(offset, length).slice()),
  };
  const image = parseElf(source, role);
  return image instanceof LoadError ? image : new Reader(path, whole, image).read();
}

class Reader {
  private readonly path: ByteString;
  private readonly bytes: Uint8Array<ArrayBuffer>;
  private readonly view: DataView;
  private readonly image: ElfImage;
  private readonly tags = new Map<number, number[]>();

  constructor(path: ByteString, bytes: Uint8Array<ArrayBuffer>, image: ElfImage) {
    this.path = path;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.image = image;
  }

  read(): ElfObject {
    const sections = this.sections();
    this.readDynamic(sections);
    const { symbols, exports } = this.dynamicSymbols(sections);
    const text = this.text(sections);
    const halves = this.halves(text);
    const readAt = (offset: number, length: number): Uint8Array => this.bytes.subarray(offset, offset + length);
    const functions = text.flatMap(({ start, end }) => [...functionSymbols({ readAt, bias: 0, start, end })]);
    const relocations = this.relocations(symbols);
    const strings = this.one(DT.STRTAB);
    const names = (tag: number): string[] =>
      strings === undefined ? [] : (this.tags.get(tag) ?? []).map((at) => this.stringAt(strings + at));
    return {
      path: this.path,
      image: this.image,
      code: { half: halves, word: (at) => this.word(at) },
      text,
      functions,
      exports,
      relocations,
      needed: names(DT.NEEDED),
      runpath: [...names(DT.RPATH), ...names(DT.RUNPATH)].flatMap((list) => list.split(":")),
      roots: this.roots(relocations, sections),
      word64: (at) => this.word64(at),
    };
  }

  /** Executable sections; of a file without sections, executable segments, which may hold data besides. */
  private text(sections: ReturnType<Reader["sections"]>): ElfObject["text"] {
    const { segments } = this.image;
    const executable = segments.filter(({ prot }) => (prot & PROT.EXEC) !== 0);
    const holds = (address: number): boolean =>
      executable.some(({ vaddr, filesz }) => address >= vaddr && address < vaddr + filesz);
    const exact = sections.filter(({ flags, addr, size }) => (flags & SHF_EXECINSTR) !== 0 && size > 0 && holds(addr));
    if (exact.length > 0) return exact.map(({ addr, size }) => ({ start: addr, end: addr + size }));
    return executable.map(({ vaddr, filesz }) => ({ start: vaddr, end: vaddr + filesz }));
  }

  /** Reads halfwords of text, mostly one behind the other: the range that held the last one is looked at first. */
  private halves(text: ElfObject["text"]): (address: number) => number | undefined {
    const ranges = text.map(({ start, end }) => ({ start, last: end - 2, delta: this.offsetOf(start)! - start }));
    let range = ranges[0];
    return (address) => {
      if (range === undefined || address < range.start || address > range.last) {
        const found = ranges.find(({ start, last }) => address >= start && address <= last);
        if (found === undefined) return undefined;
        range = found;
      }
      return this.view.getUint16(address + range.delta, true);
    };
  }

  private word(address: number): number | undefined {
    const at = this.offsetOf(address);
    return at === undefined || at + 4 > this.bytes.length ? undefined : this.view.getInt32(at, true);
  }

  private word64(address: number): number | undefined {
    const at = this.offsetOf(address);
    if (at === undefined || at + 8 > this.bytes.length) return undefined;
    return this.view.getUint32(at + 4, true) * 2 ** 32 + this.view.getUint32(at, true);
  }

  private offsetOf(address: number): number | undefined {
    const segment = this.image.segments.find(({ vaddr, filesz }) => address >= vaddr && address < vaddr + filesz);
    return segment && address - segment.vaddr + segment.offset;
  }

  private struct<T>(layout: Layout<T>, at: number): T | undefined {
    return at + layout.size <= this.bytes.length ? layout.read(this.view, at) : undefined;
  }

  private sections() {
    const header = this.struct(elfHeader, 0)!;
    const all = [];
    for (let i = 0; i < header.shnum && header.shoff > 0; i++) {
      const section = this.struct(sectionHeader, header.shoff + i * sectionHeader.size);
      if (section === undefined) return [];
      all.push(section);
    }
    return all;
  }

  private readDynamic(sections: ReturnType<Reader["sections"]>): void {
    const dynamic = sections.find(({ type }) => type === SHT.DYNAMIC);
    if (dynamic === undefined) return;
    for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += elfDynamic.size) {
      const entry = this.struct(elfDynamic, at);
      if (entry === undefined || entry.tag === 0) return;
      const known = this.tags.get(entry.tag);
      if (known === undefined) this.tags.set(entry.tag, [entry.value]);
      else known.push(entry.value);
    }
  }

  private one(tag: number): number | undefined {
    return this.tags.get(tag)?.[0];
  }

  private stringAt(address: number): string {
    const at = this.offsetOf(address) ?? this.bytes.length;
    const end = this.bytes.indexOf(0, at);
    return byteString(this.bytes.subarray(at, end < 0 ? undefined : end));
  }

  private dynamicSymbols(sections: ReturnType<Reader["sections"]>): {
    symbols: readonly string[];
    exports: ReadonlyMap<string, number>;
  } {
    const table = sections.find(({ type }) => type === SHT.DYNSYM);
    const strings = this.one(DT.STRTAB);
    const symbols: string[] = [];
    const exports = new Map<string, number>();
    if (table === undefined || strings === undefined) return { symbols, exports };
    for (let at = table.offset; at < table.offset + table.size; at += elfSymbol.size) {
      const symbol = this.struct(elfSymbol, at);
      if (symbol === undefined) break;
      const name = this.stringAt(strings + symbol.name);
      symbols.push(name);
      if (symbol.shndx !== 0 && (symbol.info & 0xf) !== STT.NOTYPE) exports.set(name, symbol.value);
    }
    return { symbols, exports };
  }

  private relocations(symbols: readonly string[]): ReadonlyMap<number, Relocation> {
    const found = new Map<number, Relocation>();
    for (const [table, size] of [
      [DT.RELA, DT.RELASZ],
      [DT.JMPREL, DT.PLTRELSZ],
    ] as const) {
      const start = this.one(table);
      const at = start === undefined ? undefined : this.offsetOf(start);
      if (at === undefined) continue;
      const end = at + (this.one(size) ?? 0);
      for (let entry = at; entry < end; entry += elfRelocation.size) {
        const relocation = this.struct(elfRelocation, entry);
        if (relocation === undefined) break;
        const { type, offset, symbol, addend } = relocation;
        if (
          type !== R_RISCV.R64 &&
          type !== R_RISCV.RELATIVE &&
          type !== R_RISCV.JUMP_SLOT &&
          type !== R_RISCV.IRELATIVE
        )
          continue;
        found.set(offset, {
          offset,
          symbol: symbol === 0 ? undefined : symbols[symbol],
          addend,
          indirect: type === R_RISCV.IRELATIVE,
        });
      }
    }
    return found;
  }

  private roots(
    relocations: ReadonlyMap<number, Relocation>,
    sections: ReturnType<Reader["sections"]>,
  ): readonly number[] {
    const found = [this.image.entry, this.one(DT.INIT), this.one(DT.FINI)];
    const arrays: (readonly [number | undefined, number | undefined])[] = [
      [this.one(DT.PREINIT_ARRAY), this.one(DT.PREINIT_ARRAYSZ)],
      [this.one(DT.INIT_ARRAY), this.one(DT.INIT_ARRAYSZ)],
      [this.one(DT.FINI_ARRAY), this.one(DT.FINI_ARRAYSZ)],
      ...sections.filter(({ type }) => ARRAYS.has(type)).map(({ addr, size }) => [addr, size] as const),
    ];
    for (const [start, size] of arrays) {
      if (start === undefined || size === undefined) continue;
      for (let at = start; at < start + size; at += 8) found.push(relocations.get(at)?.addend ?? this.word64(at));
    }
    for (const { indirect, addend } of relocations.values()) if (indirect) found.push(addend);
    return [...new Set(found.filter((address): address is number => address !== undefined && address > 0))];
  }
}

const SHF_EXECINSTR = 4;

/** SHT_INIT_ARRAY, SHT_FINI_ARRAY, SHT_PREINIT_ARRAY. */
const ARRAYS: ReadonlySet<number> = new Set([14, 15, 16]);
