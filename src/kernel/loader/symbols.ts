/**
 * Function symbols of an ELF file, for the translator: from .symtab, .dynsym, and the ranges of .eh_frame's FDEs (which
 * stripped files keep). All of it is advice: whatever is malformed is left out.
 */
import { elfHeader, elfSymbol, SHT, STT, sectionHeader } from "../../abi/elf.ts";
import { byteString } from "../../base/bytes.ts";
import type { Layout } from "../../base/struct.ts";
import type { CodeSymbol } from "../../machine/engine.ts";
import { frameRanges } from "./eh-frame.ts";

/** Reads bytes at an offset of the file; shorter than asked for at its end. */
export type ReadAt = (offset: number, length: number) => Uint8Array;

/** More than any real file has; a malformed count must not cost memory. */
const MAX_SECTIONS = 0xffff;
const MAX_TABLE_BYTES = 256 << 20;

interface Section {
  readonly name: string;
  readonly type: number;
  readonly addr: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

/** Where functions are wanted: the file's addresses are moved by `bias`, and only those in the range count. */
interface Target {
  readonly readAt: ReadAt;
  readonly bias: number;
  readonly start: number;
  readonly end: number;
}

/** Functions within a range of loaded addresses, by ascending address. */
export function functionSymbols(target: Target): readonly CodeSymbol[] {
  const { readAt, bias, start, end } = target;
  const all: CodeSymbol[] = [];
  const sections = readSections(readAt);
  for (const section of sections) {
    if (section.type === SHT.SYMTAB || section.type === SHT.DYNSYM) {
      readSymbols(target, section, sections[section.link], all);
    }
  }
  const frames = sections.find((section) => section.name === ".eh_frame");
  if (frames !== undefined && frames.size <= MAX_TABLE_BYTES) {
    for (const range of frameRanges(readAt(frames.offset, frames.size), frames.addr)) {
      const address = range.start + bias;
      if (address >= start && address < end) all.push({ address, size: range.size, name: "" });
    }
  }
  return mergeSymbols(all);
}

/** One symbol for an address: the first one's name, and the first size that is known. */
function mergeSymbols(all: CodeSymbol[]): readonly CodeSymbol[] {
  all.sort((a, b) => a.address - b.address);
  const merged: CodeSymbol[] = [];
  for (const symbol of all) {
    const last = merged.at(-1);
    if (last === undefined || last.address !== symbol.address) merged.push(symbol);
    else if (last.size === 0 && symbol.size > 0) merged[merged.length - 1] = { ...symbol, name: last.name };
  }
  return merged;
}

function readSections(readAt: ReadAt): readonly Section[] {
  const header = readStruct(readAt(0, elfHeader.size), 0, elfHeader);
  if (header === undefined || header.shentsize !== sectionHeader.size || header.shoff === 0) return [];
  const count = Math.min(header.shnum, MAX_SECTIONS);
  const bytes = readAt(header.shoff, count * sectionHeader.size);
  const raw = [];
  for (let i = 0; i < count; i++) {
    const section = readStruct(bytes, i * sectionHeader.size, sectionHeader);
    if (section === undefined) return [];
    raw.push(section);
  }
  const names = raw[header.shstrndx];
  const strings =
    names === undefined || names.size > MAX_TABLE_BYTES ? new Uint8Array() : readAt(names.offset, names.size);
  return raw.map((section) => ({ ...section, name: cString(strings, section.name) }));
}

/** Adds a table's functions. Tables of some ten thousand symbols are read by code that has not run before: it is kept plain. */
function readSymbols(
  { readAt, bias, start, end }: Target,
  table: Section,
  strings: Section | undefined,
  into: CodeSymbol[],
): void {
  if (strings === undefined || table.size > MAX_TABLE_BYTES || strings.size > MAX_TABLE_BYTES) return;
  const bytes = readAt(table.offset, table.size);
  const names = readAt(strings.offset, strings.size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { info, shndx, value, size, name } = elfSymbol.offsets;
  for (let at = 0; at + elfSymbol.size <= bytes.length; at += elfSymbol.size) {
    if ((view.getUint8(at + info) & 0xf) !== STT.FUNC || view.getUint16(at + shndx, true) === 0) continue;
    // Values beyond 4 GiB are no addresses of a program; their low words are filtered like any other's.
    const address = view.getUint32(at + value, true) + bias;
    if (address < start || address >= end) continue;
    const text = cString(names, view.getUint32(at + name, true));
    into.push({ address, size: view.getUint32(at + size, true), name: text });
  }
}

function readStruct<T>(bytes: Uint8Array, at: number, layout: Layout<T>): T | undefined {
  if (at + layout.size > bytes.length) return undefined;
  return layout.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at);
}

function cString(strings: Uint8Array, at: number): string {
  const end = strings.indexOf(0, at);
  return byteString(strings.subarray(at, end < 0 ? undefined : end));
}
