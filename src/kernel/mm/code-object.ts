import { elfHeader, PT, programHeader } from "../../abi/elf.ts";
import { Errno } from "../../abi/errno.ts";
import type { CodeObject, CodeSymbol } from "../../machine/engine.ts";
import type { GuestMemory } from "../../machine/memory.ts";
import { functionSymbols } from "../loader/symbols.ts";
import type { MappableFile } from "./mappable.ts";
import { pageDown, pageUp } from "./mapping.ts";

/** Hex digest of bytes. */
export type Digest = (bytes: Uint8Array<ArrayBuffer>) => string;

interface TextParts {
  readonly memory: GuestMemory;
  readonly digest: Digest;
  readonly file: MappableFile;
  /** File offset of `start`. */
  readonly offset: number;
  readonly start: number;
  readonly end: number;
}

/** What has been found out about a text; the same for all who show it at the same address. */
interface TextFacts {
  readonly segment: TextSegment | undefined;
  key: string | undefined;
  symbols: readonly CodeSymbol[] | undefined;
}

/** A file's text at an address, as engines want to be told of it: digest and symbols are worked out when first asked for. */
export class FileText implements CodeObject {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  private readonly parts: TextParts;
  private readonly facts: TextFacts;

  constructor(parts: TextParts, facts?: TextFacts) {
    const { file, offset, start, end } = parts;
    this.parts = parts;
    this.start = start;
    this.name = file.name;
    this.facts = facts ?? { segment: textSegment(file, offset), key: undefined, symbols: undefined };
    const { segment } = this.facts;
    // A dynamic linker first maps a whole object, data included, with the protection of its text.
    this.end = segment === undefined ? end : Math.min(end, start + pageUp(segment.fileEnd) - offset);
  }

  /** Whether it is what a file has from an offset on, up to an address. */
  shows(file: MappableFile, offset: number, end: number): boolean {
    return this.parts.file === file && this.parts.offset === offset && this.parts.end === end;
  }

  /** The same text in the memory of a forked process. */
  copyIn(memory: GuestMemory): FileText {
    return new FileText({ ...this.parts, memory }, this.facts);
  }

  get contentKey(): string {
    this.facts.key ??= this.makeKey();
    return this.facts.key;
  }

  symbols(): readonly CodeSymbol[] {
    this.facts.symbols ??= this.readSymbols();
    return this.facts.symbols;
  }

  private makeKey(): string {
    const { file, offset, memory, digest } = this.parts;
    const ofFile = file.contentKey?.();
    if (ofFile === undefined) return digest(new Uint8Array(memory.u8.subarray(this.start, this.end)));
    return ofFile + (this.end - this.start).toString(16) + offset.toString(16).padStart(16, "0");
  }

  private readSymbols(): readonly CodeSymbol[] {
    const { start, end } = this;
    const { segment } = this.facts;
    const readAt = (offset: number, length: number): Uint8Array => readUpTo(this.parts.file, offset, length);
    return segment === undefined ? [] : functionSymbols({ readAt, bias: start - segment.address, start, end });
  }
}

/** Bytes of a file at an offset, fewer at its end, none if it cannot be read. */
export function readUpTo(file: MappableFile, offset: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.max(0, Math.min(length, file.size - offset)));
  const got = file.read(offset, bytes);
  return got instanceof Errno ? new Uint8Array() : bytes.subarray(0, got);
}

interface TextSegment {
  /** Where the mapping's first byte would lie by the file's own addresses. */
  readonly address: number;
  /** File offset behind the segment. */
  readonly fileEnd: number;
}

/** The segment of an ELF file that holds the page at an offset; undefined for other files. */
function textSegment(file: MappableFile, offset: number): TextSegment | undefined {
  const head = readUpTo(file, 0, elfHeader.size);
  if (head.length < elfHeader.size) return undefined;
  const { ident, phoff, phnum } = elfHeader.read(new DataView(head.buffer), 0);
  if (ident[0] !== 0x7f || ident[1] !== 0x45) return undefined;
  const table = readUpTo(file, phoff, phnum * programHeader.size);
  const view = new DataView(table.buffer);
  for (let at = 0; at + programHeader.size <= table.length; at += programHeader.size) {
    const segment = programHeader.read(view, at);
    const low = pageDown(segment.offset);
    const fileEnd = segment.offset + segment.filesz;
    if (segment.type === PT.LOAD && offset >= low && offset < fileEnd) {
      return { address: pageDown(segment.vaddr) + offset - low, fileEnd };
    }
  }
  return undefined;
}
