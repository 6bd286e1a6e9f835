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

/** A file's text at an address, as engines want to be told of it: digest and symbols are worked out when first asked for. */
export class FileText implements CodeObject {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  private readonly memory: GuestMemory;
  private readonly digest: Digest;
  private readonly file: MappableFile;
  private readonly offset: number;
  private readonly segment: TextSegment | undefined;
  private key: string | undefined;
  private known: readonly CodeSymbol[] | undefined;

  constructor({ memory, digest, file, offset, start, end }: TextParts) {
    this.memory = memory;
    this.digest = digest;
    this.file = file;
    this.offset = offset;
    this.start = start;
    this.name = file.name;
    this.segment = textSegment(file, offset);
    // A dynamic linker first maps a whole object, data included, with the protection of its text.
    this.end = this.segment === undefined ? end : Math.min(end, start + pageUp(this.segment.fileEnd) - offset);
  }

  get contentKey(): string {
    if (this.key === undefined) {
      const ofFile = this.file.contentKey?.();
      const part = (this.end - this.start).toString(16) + this.offset.toString(16).padStart(16, "0");
      this.key =
        ofFile === undefined
          ? this.digest(new Uint8Array(this.memory.u8.subarray(this.start, this.end)))
          : ofFile + part;
    }
    return this.key;
  }

  symbols(): readonly CodeSymbol[] {
    if (this.known === undefined) {
      const { start, end, segment } = this;
      const readAt = (offset: number, length: number): Uint8Array => readUpTo(this.file, offset, length);
      this.known = segment === undefined ? [] : functionSymbols({ readAt, bias: start - segment.address, start, end });
    }
    return this.known;
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
