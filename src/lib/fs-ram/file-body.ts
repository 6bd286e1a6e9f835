import { ENOSPC, Errno, type Result } from "../../abi/errno.ts";

const PAGE = 4096;
const CHUNK = 65536;

/** Counts the pages of a file system against its limit. */
export interface PageBudget {
  /** Takes pages, or says that there are not so many. */
  take(pages: number): boolean;
  give(pages: number): void;
}

/** Contents that are read when somebody first asks, and copied when somebody first writes. */
export interface LazyBytes {
  readonly size: number;
  read(): Uint8Array;
  /** Hex digest of them, if whoever brought them knows it. */
  readonly digest?: string;
}

interface Chunk {
  bytes: Uint8Array;
  /** Which pages of it were ever written: the others are holes. */
  pages: number;
}

/** The bytes of a regular file: sparse, growing by chunks. */
export class FileBody {
  size: number;
  /** Pages that are taken. */
  pages = 0;
  private readonly budget: PageBudget;
  private readonly chunks = new Map<number, Chunk>();
  private lazy: LazyBytes | undefined;
  private loaded: Uint8Array | undefined;

  constructor(budget: PageBudget, lazy?: LazyBytes) {
    this.budget = budget;
    this.lazy = lazy;
    this.size = lazy?.size ?? 0;
  }

  /** Digest of the contents, if they are what was brought and it is known. */
  get digest(): string | undefined {
    return this.lazy?.digest;
  }

  /** Space taken, in units of 512 bytes. */
  get blocks(): number {
    const pages = this.lazy === undefined ? this.pages : Math.ceil(this.size / PAGE);
    return pages * (PAGE / 512);
  }

  read(into: Uint8Array, position: number): number {
    const length = Math.max(Math.min(into.length, this.size - position), 0);
    if (this.lazy !== undefined) {
      into.set(this.load().subarray(position, position + length));
      return length;
    }
    for (let done = 0; done < length; ) {
      const { index, offset, room } = locate(position + done);
      const part = Math.min(room, length - done);
      const bytes = this.chunks.get(index)?.bytes.subarray(offset, offset + part);
      const present = bytes?.length ?? 0;
      if (bytes !== undefined) into.set(bytes, done);
      if (present < part) into.fill(0, done + present, done + part);
      done += part;
    }
    return length;
  }

  /** Writes as much as there is space for; ENOSPC if that is nothing. */
  write(from: Uint8Array, position: number): Result<number> {
    const own = this.makeOwn();
    if (own !== 0) return own;
    let done = 0;
    while (done < from.length) {
      const { index, offset, room } = locate(position + done);
      const part = this.affordable(index, offset, Math.min(room, from.length - done));
      if (part === 0) break;
      this.chunkFor(index, offset + part).bytes.set(from.subarray(done, done + part), offset);
      done += part;
    }
    if (done === 0 && from.length > 0) return ENOSPC;
    this.size = Math.max(this.size, position + done);
    return done;
  }

  truncate(size: number): Result<0> {
    if (size === this.size) return 0;
    if (size === 0) {
      this.lazy = undefined;
      this.loaded = undefined;
      this.size = 0;
      this.clear(0, Number.POSITIVE_INFINITY);
      return 0;
    }
    const own = this.makeOwn();
    if (own !== 0) return own;
    if (size < this.size) this.clear(size, Number.POSITIVE_INFINITY);
    this.size = size;
    return 0;
  }

  /** Takes the pages of a range without writing them. */
  allocate(start: number, end: number): Result<0> {
    const own = this.makeOwn();
    if (own !== 0) return own;
    for (let at = start; at < end; ) {
      const { index, offset, room } = locate(at);
      const part = Math.min(room, end - at);
      if (this.affordable(index, offset, part) < part) return ENOSPC;
      this.chunkFor(index, offset + part);
      at += part;
    }
    return 0;
  }

  /** Makes a hole: whole pages are given back, parts of pages become zeros. */
  punch(start: number, end: number): Result<0> {
    const own = this.makeOwn();
    if (own !== 0) return own;
    this.clear(start, Math.min(end, roundUpToPage(this.size)));
    return 0;
  }

  /** The parts of a range that have pages, ascending; what lies between them are holes. */
  *present(start: number, end: number): Generator<{ readonly start: number; readonly end: number }> {
    if (this.lazy !== undefined) yield { start, end };
    for (const index of this.chunksWithin(start, end)) {
      const base = index * CHUNK;
      const { pages } = this.chunks.get(index)!;
      for (let page = 0, next = 0; page < CHUNK / PAGE; page = next + 1) {
        next = page;
        while (pages & (1 << next)) next++;
        const from = Math.max(base + page * PAGE, start);
        const to = Math.min(base + next * PAGE, end);
        if (from < to) yield { start: from, end: to };
      }
    }
  }

  private chunksWithin(start: number, end: number): readonly number[] {
    const first = Math.floor(start / CHUNK);
    const behind = Math.ceil(end / CHUNK);
    if (behind - first > this.chunks.size) {
      return [...this.chunks.keys()].filter((index) => index >= first && index < behind).sort((a, b) => a - b);
    }
    return Array.from({ length: behind - first }, (_, i) => first + i).filter((index) => this.chunks.has(index));
  }

  nextData(from: number): number {
    if (this.lazy !== undefined) return from;
    for (let at = from; at < this.size; at = nextPage(at)) if (this.isPresent(at)) return at;
    return this.size;
  }

  nextHole(from: number): number {
    if (this.lazy !== undefined) return this.size;
    for (let at = from; at < this.size; at = nextPage(at)) if (!this.isPresent(at)) return at;
    return this.size;
  }

  /** Gives all space back: the file is gone. */
  release(): void {
    if (this.lazy === undefined) this.clear(0, Number.POSITIVE_INFINITY);
  }

  private load(): Uint8Array {
    this.loaded ??= this.lazy!.read();
    return this.loaded;
  }

  /** Copies what the file came with, before it changes. */
  private makeOwn(): Result<0> {
    if (this.lazy === undefined) return 0;
    const bytes = this.load();
    this.lazy = undefined;
    this.loaded = undefined;
    const written = this.write(bytes.subarray(0, this.size), 0);
    return written instanceof Errno ? written : 0;
  }

  /** How much of a part of a chunk can be written with the pages that are left; takes those pages. */
  private affordable(index: number, offset: number, length: number): number {
    const chunk = this.chunks.get(index);
    let end = offset;
    for (let page = Math.floor(offset / PAGE); page * PAGE < offset + length; page++) {
      const present = chunk !== undefined && (chunk.pages & (1 << page)) !== 0;
      if (!present) {
        if (!this.budget.take(1)) break;
        this.pages++;
        this.markPresent(index, page);
      }
      end = Math.min((page + 1) * PAGE, offset + length);
    }
    return end - offset;
  }

  private markPresent(index: number, page: number): void {
    let chunk = this.chunks.get(index);
    if (chunk === undefined) {
      chunk = { bytes: new Uint8Array(), pages: 0 };
      this.chunks.set(index, chunk);
    }
    chunk.pages |= 1 << page;
  }

  /** A chunk whose bytes reach to `end`: small files take little, and growing ones double. */
  private chunkFor(index: number, end: number): Chunk {
    const chunk = this.chunks.get(index)!;
    if (chunk.bytes.length < end) {
      const grown = new Uint8Array(Math.min(CHUNK, Math.max(end, 2 * chunk.bytes.length, SMALLEST)));
      grown.set(chunk.bytes);
      chunk.bytes = grown;
    }
    return chunk;
  }

  private isPresent(at: number): boolean {
    const { index, offset } = locate(at);
    const chunk = this.chunks.get(index);
    return chunk !== undefined && (chunk.pages & (1 << Math.floor(offset / PAGE))) !== 0;
  }

  /** Zeros a range, and gives its whole pages back. */
  private clear(start: number, end: number): void {
    for (const [index, chunk] of this.chunks) {
      const base = index * CHUNK;
      if (base + CHUNK <= start || base >= end) continue;
      const from = Math.max(start - base, 0);
      const to = Math.min(end - base, CHUNK);
      chunk.bytes.fill(0, from, to);
      for (let page = Math.ceil(from / PAGE); (page + 1) * PAGE <= to; page++) {
        if (!(chunk.pages & (1 << page))) continue;
        chunk.pages &= ~(1 << page);
        this.pages--;
        this.budget.give(1);
      }
      if (chunk.pages === 0) this.chunks.delete(index);
    }
  }
}

const SMALLEST = 256;

function locate(position: number): { readonly index: number; readonly offset: number; readonly room: number } {
  const index = Math.floor(position / CHUNK);
  const offset = position - index * CHUNK;
  return { index, offset, room: CHUNK - offset };
}

function nextPage(at: number): number {
  return (Math.floor(at / PAGE) + 1) * PAGE;
}

function roundUpToPage(at: number): number {
  return Math.ceil(at / PAGE) * PAGE;
}
