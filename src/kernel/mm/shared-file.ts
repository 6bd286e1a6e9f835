import { Errno } from "../../abi/errno.ts";
import type { IntervalMap } from "../../base/interval-map.ts";
import { ACCESS, type GuestMemory, PAGE_SIZE } from "../../machine/memory.ts";
import { type FileView, FileViews, type HeldPage, type MappableFile } from "./mappable.ts";
import { accessOf, type Mapping, pageDown } from "./mapping.ts";

/** What a shared file needs of the address space that shows it. */
export interface ViewOwner {
  /** Those of the files that it shows. */
  readonly shown: Map<string, SharedFile>;
  readonly map: IntervalMap<Mapping>;
  readonly memory: GuestMemory;
  /** Accesses must be checked from now on: pages of a mapping cannot be used although it allows it. */
  requirePreciseFaults(): void;
  /** Executable bytes changed. */
  invalidate(start: number, end: number): void;
}

/** One page of the file that is shown somewhere. */
interface SharedPage {
  /**
   * What the file holds as far as is known; undefined while nothing can change it through a mapping, and for anonymous
   * memory, which has no reader but its views.
   */
  known: Uint8Array | undefined;
  /** Addresses whose memory holds the page now. A single one may be written; several may only be read. */
  holders: number[];
}

/**
 * Bytes of a file that several address spaces may show before they stop to be copied at each switch between them: a copy of this
 * much costs some 80 µs, checked accesses a fifth to a half of a program's speed.
 */
const COPIED_BYTES = 1 << 20;

/**
 * The shared mappings of one file in one address space.
 *
 * Guest memory has no aliases, so each page of each mapping is a copy, kept coherent as processors keep their caches: a
 * page is held by one writable view or by several readable ones, and access to any other view faults, which brings the bytes
 * there ({@link resolve}). Stores reach the file when it is read, by msync(2), munmap(2) and the end of the process;
 * writes to the file reach the views at once.
 *
 * Between address spaces, of which one runs at a time, there are two ways. What is small is copied when another one is
 * about to run ({@link catchUp}), and no access has to be checked. What is large belongs, page by page, to the address space
 * that used it last, and faults in the others ({@link FileViews.exclusive}).
 *
 * An executable view that was taken its bytes can still be executed, with the old ones: RISC-V promises no more before a
 * fence, and {@link refreshCode} is the fence.
 */
export class SharedFile implements FileView {
  private readonly owner: ViewOwner;
  private file: MappableFile;
  private readonly views: FileViews;
  private readonly pages = new Map<number, SharedPage>();
  private shown = 0;
  /** What its owner knows it by. */
  private readonly key: string;
  /** Whether what no other address space shows of anonymous memory may still be wanted. */
  private bytesKept = false;
  /** What is kept from being forgotten while it is shown. */
  private held: MappableFile | undefined;

  constructor(owner: ViewOwner, file: MappableFile) {
    this.owner = owner;
    this.file = file;
    this.key = keyOfFile(file);
    this.views = file.views ?? new FileViews();
  }

  /** Shows pages in fresh memory. The mapping is in the owner's map already. */
  show(start: number, end: number, mapping: Mapping): void {
    const { file } = mapping;
    if (file?.write !== undefined) this.file = this.views.writable = file;
    if (this.shown === 0) this.begin();
    this.shown += end - start;
    if (this.views.size > 1 && this.shown > COPIED_BYTES) this.makeExclusive();
    for (let page = start; page < end; page += PAGE_SIZE) {
      const offset = page + mapping.delta;
      if (offset >= this.file.size) this.owner.memory.setAccess(page, page + PAGE_SIZE, 0);
      else if (this.pages.has(offset) || (this.views.exclusive && this.holderOf(offset) !== undefined))
        this.setAccess(page, 0);
      else this.take(page, mapping);
    }
  }

  /** Shows pages that hold the newest bytes already: anonymous memory before another address space shares it. */
  adopt(start: number, end: number, { delta }: Mapping): void {
    if (this.shown === 0) this.begin();
    this.views.latest = this;
    this.shown += end - start;
    for (let page = start; page < end; page += PAGE_SIZE) {
      if (page + delta < this.file.size) this.pages.set(page + delta, { known: undefined, holders: [page] });
    }
  }

  /** The address space is the one that runs: what it stores from now on is newest. It has seen what others stored. */
  leads(): void {
    this.views.latest = this;
  }

  /** Views are moved, or more of them come to show the same: bytes outlive the view that holds them. */
  keepBytes(): void {
    this.bytesKept = true;
  }

  /** Ends showing pages: what was stored in them goes to the file. */
  hide(start: number, end: number, { delta }: Mapping): void {
    for (let page = start; page < end; page += PAGE_SIZE) {
      const shared = this.pages.get(page + delta);
      const at = shared?.holders.indexOf(page) ?? -1;
      if (shared === undefined || at < 0) continue;
      if (shared.holders.length === 1 && this.isCurrent) this.leave(page + delta, shared);
      shared.holders.splice(at, 1);
      if (shared.holders.length === 0) this.pages.delete(page + delta);
    }
    this.shown -= end - start;
    if (this.shown === 0) this.end();
  }

  /** The mapping's protection changed. */
  reprotect(start: number, end: number, mapping: Mapping): void {
    for (let page = start; page < end; page += PAGE_SIZE) {
      const holders = this.pages.get(page + mapping.delta)?.holders ?? [];
      const allowed = holders.length === 1 ? accessOf(mapping.prot) : accessOf(mapping.prot) & ~ACCESS.WRITE;
      this.owner.memory.setAccess(page, page + PAGE_SIZE, holders.includes(page) ? allowed : 0);
    }
  }

  /**
   * Makes a page of a view usable for an access that its mapping allows. Returns false where the file has no such page.
   */
  resolve(address: number, access: number, mapping: Mapping): boolean {
    const page = pageDown(address);
    const offset = page + mapping.delta;
    if (offset >= this.file.size) return false;
    const shared = this.pages.get(offset);
    if (shared === undefined) {
      this.take(page, mapping);
      return true;
    }
    if (!shared.holders.includes(page)) this.fetch(page, shared, mapping);
    const others = shared.holders.filter((holder) => holder !== page);
    if (access === ACCESS.WRITE) {
      for (const other of others) this.setAccess(other, this.allowedAt(other) & ACCESS.EXEC);
      shared.holders = [page];
      this.setAccess(page, accessOf(mapping.prot));
    } else {
      for (const holder of shared.holders) this.setAccess(holder, this.allowedAt(holder) & ~ACCESS.WRITE);
      if (others.length === 0) this.setAccess(page, accessOf(mapping.prot));
    }
    return true;
  }

  /** Brings executable views up to date with what was stored elsewhere. */
  refreshCode(start: number, end: number, mapping: Mapping): void {
    for (let page = start; page < end; page += PAGE_SIZE) {
      const shared = this.pages.get(page + mapping.delta);
      if (shared !== undefined && !shared.holders.includes(page)) this.resolve(page, ACCESS.EXEC, mapping);
    }
  }

  /** The address space is about to run: it must see what others stored. */
  catchUp(): void {
    const { latest } = this.views;
    this.views.latest = this;
    if (latest === undefined || latest === this || this.views.exclusive) return;
    latest.leaveBehind(this);
    for (const [offset, shared] of this.pages) {
      const newer = latest.lend(offset, false);
      if (newer !== undefined) this.renew(shared, newer);
    }
  }

  receive(offset: number, newer: HeldPage): void {
    const shared = this.pages.get(offset);
    if (shared !== undefined) this.renew(shared, newer);
  }

  leaveBehind(next: FileView): void {
    for (const [offset, shared] of this.pages) if (!next.holds(offset)) this.leave(offset, shared);
  }

  lend(offset: number, forGood: boolean): HeldPage | undefined {
    const shared = this.pages.get(offset);
    if (shared === undefined) return undefined;
    if (forGood) {
      for (const page of shared.holders) this.setAccess(page, 0);
      this.pages.delete(offset);
    }
    return this.heldPage(shared);
  }

  giveUpAll(): void {
    for (const { holders } of this.pages.values()) for (const page of holders) this.setAccess(page, 0);
    this.pages.clear();
  }

  /** Stores that the file does not have yet are written to it. */
  flush(offset: number, length: number): void {
    if (!this.isCurrent) return;
    for (const [at, shared] of this.within(offset, length)) this.store(at, shared);
  }

  /** The file's bytes or its size changed. */
  changed(offset: number, length: number): void {
    for (const [at, shared] of this.within(offset, length)) {
      if (at >= this.file.size) this.lose(at, shared);
      else {
        for (const holder of shared.holders) this.load(at, holder);
        if (shared.known !== undefined) shared.known = this.copyOf(shared.holders[0]!);
      }
    }
  }

  get mappings(): number {
    let count = 0;
    for (const { value } of this.owner.map) if (value.sharedFile === this) count++;
    return count;
  }

  private begin(): void {
    this.owner.shown.set(this.key, this);
    this.views.add(this);
    if (this.file.hold?.() === true) this.held = this.file;
  }

  private end(): void {
    this.owner.shown.delete(this.key);
    this.views.remove(this);
    this.held?.drop?.();
    this.held = undefined;
  }

  /** Whether its pages are as new as any. */
  private get isCurrent(): boolean {
    const { latest, exclusive } = this.views;
    return exclusive || latest === undefined || latest === this;
  }

  /** From now on each page belongs to one address space at a time. Those that ran before have nothing newer. */
  private makeExclusive(): void {
    if (this.views.exclusive) return;
    this.views.exclusive = true;
    this.owner.requirePreciseFaults();
    const newest = this.views.latest ?? [...this.views].find((view) => view !== this);
    for (const view of this.views) if (view !== newest) view.giveUpAll();
  }

  /** Another address space that holds a page. */
  private holderOf(offset: number): FileView | undefined {
    const { latest } = this.views;
    if (latest !== undefined && latest !== this && latest.holds(offset)) return latest;
    for (const view of this.views) if (view !== this && view.holds(offset)) return view;
    return undefined;
  }

  holds(offset: number): boolean {
    return this.pages.has(offset);
  }

  /** Makes a page the only holder here, with what another address space has of it, or else the file's bytes. */
  private take(page: number, mapping: Mapping): void {
    const offset = page + mapping.delta;
    const newer = this.holderOf(offset)?.lend(offset, this.views.exclusive);
    if (newer === undefined) this.load(offset, page);
    else this.fill(page, newer.bytes);
    // One that only reads does not know the file's bytes: it has them.
    this.pages.set(offset, { known: newer?.known ?? this.knownAt(page), holders: [page] });
    this.owner.memory.setAccess(page, page + PAGE_SIZE, accessOf(mapping.prot));
  }

  /** A page's bytes, which the file holds now, if they may come to differ. */
  private knownAt(page: number): Uint8Array | undefined {
    return this.file.write === undefined || this.file.isAnonymous ? undefined : this.copyOf(page);
  }

  /** Brings a page's bytes to another view of it. */
  private fetch(page: number, shared: SharedPage, { prot }: Mapping): void {
    const from = shared.holders[0]!;
    this.owner.memory.u8.copyWithin(page, from, from + PAGE_SIZE);
    shared.holders.push(page);
    shared.known ??= this.knownAt(page);
    if ((prot & ACCESS.EXEC) !== 0) this.owner.invalidate(page, page + PAGE_SIZE);
  }

  /** A page behind the file's new end. */
  private lose(offset: number, shared: SharedPage): void {
    this.owner.requirePreciseFaults();
    for (const holder of shared.holders) {
      this.owner.memory.u8.fill(0, holder, holder + PAGE_SIZE);
      this.owner.memory.setAccess(holder, holder + PAGE_SIZE, 0);
    }
    this.pages.delete(offset);
  }

  private renew(shared: SharedPage, { bytes, known }: HeldPage): void {
    shared.known = known ?? shared.known;
    for (const holder of shared.holders) this.fill(holder, bytes);
  }

  /**
   * This view is no longer the newest: the file and all others get what it has. What nobody else shows of anonymous memory
   * is of no use to anyone.
   */
  private leave(offset: number, shared: SharedPage): void {
    if (this.file.isAnonymous === true) {
      if (this.views.size > 1 || this.bytesKept || this.file.outlivesViews)
        this.write(offset, this.copyOf(shared.holders[0]!));
    } else if (!this.store(offset, shared)) {
      // Others may still have what was stored in between, and has been changed back to what the file holds.
      for (const view of this.views) if (view !== this) view.receive(offset, this.heldPage(shared));
    }
  }

  /** Writes a page to the file, and so to other views, if it is not what the file holds. Returns whether it did. */
  private store(offset: number, shared: SharedPage): boolean {
    const { known } = shared;
    if (known === undefined) return false;
    const holder = shared.holders[0]!;
    if (equalPages(this.owner.memory.u32, holder, known)) return false;
    shared.known = this.copyOf(holder);
    this.write(offset, shared.known);
    return true;
  }

  private write(offset: number, page: Uint8Array): void {
    const bytes = Math.min(PAGE_SIZE, this.file.size - offset);
    if (bytes <= 0) return;
    this.views.writable?.write?.(offset, page.subarray(0, bytes));
    for (const view of this.views) if (view !== this) view.changed(offset, bytes);
  }

  /** Reads a page from the file; zeros behind its end. */
  private load(offset: number, page: number): void {
    const { u8 } = this.owner.memory;
    const got = this.file.read(offset, u8.subarray(page, page + PAGE_SIZE));
    u8.fill(0, page + (got instanceof Errno ? 0 : got), page + PAGE_SIZE);
    this.bytesChanged(page);
  }

  private fill(page: number, bytes: Uint8Array): void {
    this.owner.memory.u8.set(bytes, page);
    this.bytesChanged(page);
  }

  private bytesChanged(page: number): void {
    if ((this.allowedAt(page) & ACCESS.EXEC) !== 0) this.owner.invalidate(page, page + PAGE_SIZE);
  }

  private heldPage({ holders, known }: SharedPage): HeldPage {
    const [holder] = holders;
    return { bytes: this.owner.memory.u8.subarray(holder!, holder! + PAGE_SIZE), known };
  }

  private copyOf(page: number): Uint8Array {
    return new Uint8Array(this.owner.memory.u8.subarray(page, page + PAGE_SIZE));
  }

  /** Sets what a page allows because of another view of it: accesses must be checked from then on. */
  private setAccess(page: number, access: number): void {
    this.owner.requirePreciseFaults();
    this.owner.memory.setAccess(page, page + PAGE_SIZE, access);
  }

  private allowedAt(page: number): number {
    return accessOf(this.owner.map.at(page)?.value.prot ?? 0);
  }

  /** The pages that are shown in a range of the file: by the shorter of two ways. */
  private *within(offset: number, length: number): Iterable<[number, SharedPage]> {
    const first = pageDown(offset);
    if (length / PAGE_SIZE > this.pages.size) {
      for (const entry of this.pages) if (entry[0] >= first && entry[0] < offset + length) yield entry;
      return;
    }
    for (let at = first; at < offset + length; at += PAGE_SIZE) {
      const shared = this.pages.get(at);
      if (shared !== undefined) yield [at, shared];
    }
  }
}

/** Tells files apart: those of one inode are the same. */
export function keyOfFile({ device, inode }: MappableFile): string {
  return `${device}:${inode}`;
}

/** Whether the page at an address holds these bytes. */
function equalPages(words: Uint32Array, page: number, known: Uint8Array): boolean {
  const expected = new Uint32Array(known.buffer, known.byteOffset, PAGE_SIZE / 4);
  const first = page / 4;
  for (let i = 0; i < expected.length; i++) if (words[first + i] !== expected[i]) return false;
  return true;
}
