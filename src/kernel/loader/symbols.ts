/**
 * Function symbols of an ELF file, for the translator: from .symtab, .dynsym, and the ranges of .eh_frame's FDEs (which
 * stripped files keep). All of it is advice: whatever is malformed is left out.
 */
import { elfHeader, elfSymbol, SHT, STT, sectionHeader } from "../../abi/elf.ts";
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

/** Functions within `start`..`end` by ascending address, given how far the file's addresses are moved. */
export function functionSymbols(readAt: ReadAt, bias: number, start: number, end: number): readonly CodeSymbol[] {
  const found = new Map<number, CodeSymbol>();
  const add = (address: number, size: number, name: string): void => {
    if (address < start || address >= end) return;
    const known = found.get(address);
    if (known !== undefined && (known.size > 0 || size === 0)) return;
    found.set(address, { address, size, name: known?.name ?? name });
  };
  const sections = readSections(readAt);
  for (const section of sections) {
    if (section.type === SHT.SYMTAB || section.type === SHT.DYNSYM) {
      for (const symbol of readSymbols(readAt, section, sections[section.link])) {
        add(symbol.value + bias, symbol.size, symbol.name);
      }
    }
  }
  const frames = sections.find((section) => section.name === ".eh_frame");
  if (frames !== undefined && frames.size <= MAX_TABLE_BYTES) {
    for (const range of frameRanges(readAt(frames.offset, frames.size), frames.addr)) {
      const address = range.start + bias;
      add(address, range.size, `fn_${address.toString(16)}`);
    }
  }
  return [...found.values()].sort((a, b) => a.address - b.address);
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

function* readSymbols(readAt: ReadAt, table: Section, strings: Section | undefined) {
  if (strings === undefined || table.size > MAX_TABLE_BYTES || strings.size > MAX_TABLE_BYTES) return;
  const bytes = readAt(table.offset, table.size);
  const names = readAt(strings.offset, strings.size);
  for (let at = 0; at + elfSymbol.size <= bytes.length; at += elfSymbol.size) {
    const symbol = readStruct(bytes, at, elfSymbol);
    if (symbol === undefined || (symbol.info & 0xf) !== STT.FUNC || symbol.shndx === 0) continue;
    yield { value: symbol.value, size: symbol.size, name: cString(names, symbol.name) };
  }
}

function readStruct<T>(bytes: Uint8Array, at: number, layout: Layout<T>): T | undefined {
  if (at + layout.size > bytes.length) return undefined;
  return layout.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at);
}

function cString(bytes: Uint8Array, at: number): string {
  let text = "";
  for (let i = at; i < bytes.length && bytes[i] !== 0; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}
