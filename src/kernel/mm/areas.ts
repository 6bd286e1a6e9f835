import { Errno } from "../../abi/errno.ts";
import { PROT } from "../../abi/mman.ts";
import { type Interval, IntervalMap } from "../../base/interval-map.ts";
import type { AddressRange, Space } from "../../machine/engine.ts";
import type { GuestMemory } from "../../machine/memory.ts";
import type { MemoryBudget } from "./budget.ts";
import { type Digest, FileText } from "./code-object.ts";
import { IdleStacks } from "./idle-stacks.ts";
import type { MappableFile } from "./mappable.ts";
import { type Advice, accessOf, endOfFile, type Mapping, pageDown, sameMapping } from "./mapping.ts";
import { SharedAnonymous } from "./shared-anonymous.ts";
import { keyOfFile, SharedFile } from "./shared-file.ts";

/** As much of a stack is accessible from the first, and more by so much at a time. */
const STACK_AT_FIRST = 0x2_0000;
const STACK_STEP = 0x1_0000;

/** Sums over mappings, in bytes. */
export interface AreaUsage {
  mapped: number;
  /** Private and writable, which RLIMIT_DATA bounds; the stack is not in it. */
  data: number;
  committed: number;
  /** By mlock(2). */
  locked: number;
  peak: number;
}

export interface AreasConfig {
  readonly space: Space;
  readonly budget: MemoryBudget;
  /** Names code in caches. */
  readonly digest: Digest;
  /** Asks that running guest code be left before it goes on. */
  readonly mustLeave: () => void;
}

/**
 * The mappings of an address space and everything that must agree with them: the page table's bytes, the engine's
 * knowledge of code, the count of committed memory, and that fresh memory reads zero.
 *
 * It knows no system call; {@link AddressSpace} asks Linux's questions and calls the few changes here.
 */
export class Areas {
  readonly map = new IntervalMap<Mapping>(sameMapping);
  readonly usage: AreaUsage = { mapped: 0, data: 0, committed: 0, locked: 0, peak: 0 };
  /** Unmapped memory that may hold something else than zeros. */
  private readonly stale = new IntervalMap<true>();
  /** Executable mappings of files, by address. */
  private readonly texts = new Map<number, FileText>();
  /** Pages of the stack from here on are accessible, see {@link useStack}. */
  private stackUsed = Number.POSITIVE_INFINITY;
  private readonly idleStacks: IdleStacks;
  /** Those that are shown, by device and inode. */
  private readonly sharedFiles = new Map<string, SharedFile>();
  private readonly memory: GuestMemory;
  private readonly space: Space;
  private readonly budget: MemoryBudget;
  private readonly digest: Digest;
  /** Translated code was dropped. */
  private readonly codeChanged: () => void;
  private readonly requirePreciseFaults: () => void;
  private ended = false;

  /** @param requirePreciseFaults - has accesses checked from now on. */
  constructor({ space, budget, digest, mustLeave }: AreasConfig, requirePreciseFaults: () => void) {
    this.requirePreciseFaults = requirePreciseFaults;
    this.space = space;
    this.memory = space.memory;
    this.idleStacks = new IdleStacks(space);
    this.budget = budget;
    this.digest = digest;
    this.codeChanged = mustLeave;
  }

  /** Maps a free range. Returns false, with nothing changed, if memory is used up. A file is loaded if the range is committed. */
  put(start: number, end: number, mapping: Mapping): boolean {
    if (mapping.committed && !this.commit(start, end, mapping)) return false;
    this.map.set(start, end, mapping);
    this.count(start, end, mapping, 1);
    if (mapping.growsDown) {
      // A stack that was moved is accessible as a whole.
      const isFirst = this.stackUsed === Number.POSITIVE_INFINITY;
      this.stackUsed = Math.min(this.stackUsed, isFirst ? Math.max(start, end - STACK_AT_FIRST) : start);
    }
    mapping.sharedFile?.show(start, end, mapping);
    mapping.sharedFile?.leads();
    this.setAccess(start, end, mapping);
    return true;
  }

  /** Unmaps whatever is in a range; stores to shared files reach them first. */
  take(start: number, end: number): readonly Interval<Mapping>[] {
    for (const { start: from, end: to, value } of this.map.within(start, end)) value.sharedFile?.hide(from, to, value);
    const parts = this.map.delete(start, end);
    this.idleStacks.wake(start, end);
    for (const { start: from, end: to, value } of parts) {
      this.count(from, to, value, -1);
      this.memory.setAccess(from, to, 0);
      if (value.growsDown && !this.space.checksAccess) this.memory.markUsed(from, to);
      if (value.committed) {
        this.budget.release(to - from);
        this.stale.set(from, to, true);
      }
      this.forgetCode(from, to, value);
    }
    return parts;
  }

  /** Unmaps everything, for good: nobody will run what is forgotten code otherwise. */
  end(): void {
    this.ended = true;
    const { first, last } = this.map;
    if (first !== undefined && last !== undefined) this.take(first.start, last.end);
  }

  /** Gives a mapped range other protection. Returns false, with nothing changed, if memory is used up. */
  protect({ start, end, value }: Interval<Mapping>, prot: number): boolean {
    const committed = value.committed || prot !== PROT.NONE;
    const changed = { ...value, prot, committed };
    if (committed && !value.committed && !this.commit(start, end, changed)) return false;
    this.count(start, end, value, -1);
    this.forgetCode(start, end, value);
    this.map.set(start, end, changed);
    this.count(start, end, changed, 1);
    this.setAccess(start, end, changed);
    return true;
  }

  /** Keeps advice in mind for a mapped range. */
  note({ start, end, value }: Interval<Mapping>, advice: Partial<Advice>): void {
    const changed = { ...value, ...advice };
    this.count(start, end, value, -1);
    this.map.set(start, end, changed);
    this.count(start, end, changed, 1);
  }

  /** Makes the content of a mapped, committed range what it was when it was mapped. */
  reload({ start, end, value }: Interval<Mapping>): void {
    this.zero(start, end);
    this.load(start, end, value);
    if ((value.prot & PROT.EXEC) !== 0) this.invalidate(start, end);
  }

  /** The same for what a thread with this sp discards: of a stack of its own, what was not used since is known to be zero. */
  discard(part: Interval<Mapping>, sp: number): void {
    const whole = this.map.at(part.start);
    if (whole === undefined || !this.idleStacks.retire(part, whole, sp)) this.reload(part);
  }

  /** Makes a page accessible that is part of a stack, see {@link useStack} and {@link IdleStacks}. Answers whether it is now. */
  usePage(address: number, { growsDown }: Mapping): boolean {
    if (!growsDown) return this.idleStacks.use(address);
    this.useStack(pageDown(address));
    return this.memory.accessAt(address) !== 0;
  }

  /** The shared mappings of a file: one object for all of them. */
  sharedFile(file: MappableFile): SharedFile {
    const known = this.sharedFiles.get(keyOfFile(file));
    if (known !== undefined) return known;
    const { map, memory, requirePreciseFaults, sharedFiles: shown } = this;
    const invalidate = (start: number, end: number): void => this.invalidate(start, end);
    return new SharedFile({ shown, map, memory, requirePreciseFaults, invalidate }, file);
  }

  /** What is there in a copy from the first: see {@link copyFrom}. */
  copiedAtFirst(): readonly AddressRange[] {
    return [...this.map].filter(({ value }) => isCopiedAtFirst(value));
  }

  /**
   * Takes over all mappings of another address space with their content; there must be none here yet, and of the content only
   * {@link copiedAtFirst}. Returns false if memory is
   * used up.
   */
  copyFrom(parent: Areas): boolean {
    parent.splitShared();
    this.stackUsed = parent.stackUsed;
    for (const [start, text] of parent.texts) this.texts.set(start, text.copyIn(this.memory));
    for (const { start, end, value } of parent.map) {
      const { sharedFile, file } = value;
      if (value.notForked) continue;
      const own =
        value.locked || (sharedFile !== undefined && file !== undefined)
          ? { ...value, locked: false, sharedFile: sharedFile && this.sharedFile(file!) }
          : value;
      if (own.committed && !this.charge(start, end)) return false;
      this.map.set(start, end, own);
      this.count(start, end, own, 1);
      if (own.sharedFile !== undefined) own.sharedFile.show(start, end, own);
      else if (own.committed && !own.wipedByFork && !isCopiedAtFirst(value))
        this.copyPages(parent, this.usedFrom(start, end, own), end);
      this.setAccess(start, end, own);
    }
    return true;
  }

  /**
   * Makes the stack accessible from an address on, and a little beyond: most of it is never used, and what is not accessible need
   * neither be copied by fork(2) nor wiped. Code that does not look at the page table gets here by a function that starts
   * below: so what is not seen are stores below sp, which no other code may rely on.
   */
  private useStack(address: number): void {
    const [from, before] = [address - STACK_STEP, this.stackUsed];
    if (address >= before) return;
    this.stackUsed = from;
    for (const { start, end, value } of this.map.within(from, before)) {
      if (value.growsDown) this.memory.setAccess(start, end, accessOf(value.prot));
    }
  }

  /** Brings shared files up to date with what other address spaces stored. */
  catchUp(): void {
    if (this.sharedFiles.size > 0) for (const file of this.sharedFiles.values()) file.catchUp();
  }

  /** Copies memory within the address space; the target must be mapped and committed. */
  copy(to: number, from: number, length: number): void {
    this.space.copy(to, from, length);
  }

  /** Forgets what was translated from a range. */
  invalidate(start: number, end: number): void {
    this.space.invalidate(start, end);
    this.codeChanged();
  }

  /** Makes anonymous memory that is shared a view of its file, which can then be shown elsewhere too. */
  splitShared(): void {
    for (const { start, end, value } of [...this.map]) {
      const { file, sharedFile } = value;
      if (!(file instanceof SharedAnonymous) || sharedFile !== undefined || !value.committed) continue;
      const split = { ...value, sharedFile: this.sharedFile(file) };
      this.map.set(start, end, split);
      split.sharedFile.adopt(start, end, split);
    }
  }

  private usedFrom(start: number, end: number, { growsDown }: Mapping): number {
    return growsDown ? Math.min(Math.max(this.stackUsed, start), end) : start;
  }

  private copyPages(parent: Areas, start: number, end: number): void {
    const from = parent.memory.u8;
    for (const run of parent.usedRuns(start, end)) {
      this.memory.u8.set(from.subarray(run.start, run.end), run.start);
    }
  }

  private usedRuns(start: number, end: number): Iterable<AddressRange> {
    return this.space.usedRuns?.(start, end) ?? [{ start, end }];
  }

  /** Counts committed memory, and makes it exist. */
  private charge(start: number, end: number): boolean {
    if (!this.budget.charge(end - start)) return false;
    try {
      this.memory.ensure(end);
    } catch {
      // The host refuses to grow the memory: for the guest, that is being out of memory.
      this.budget.release(end - start);
      return false;
    }
    return true;
  }

  /** Charges, grows memory, and gives a range its first content. */
  private commit(start: number, end: number, mapping: Mapping): boolean {
    if (!this.charge(start, end)) return false;
    for (const part of this.stale.delete(start, end)) this.zero(part.start, part.end);
    if (mapping.sharedFile === undefined) this.load(start, end, mapping);
    return true;
  }

  /** Makes memory read zero. Pages that do already, most of a thread's stack, are left alone: writing them would use them. */
  private zero(start: number, end: number): void {
    for (const run of this.usedRuns(start, end)) this.space.fill(run.start, run.end);
  }

  /** Reads a file's part into zeroed memory. What cannot be read stays zero. */
  private load(start: number, end: number, mapping: Mapping): void {
    const { file, delta } = mapping;
    if (file === undefined) return;
    let at = start;
    const limit = Math.min(end, file.size - delta);
    while (at < limit) {
      const got = file.read(at + delta, this.memory.u8.subarray(at, limit));
      if (got instanceof Errno || got === 0) break;
      at += got;
    }
  }

  /** Writes the page table's bytes; pages behind the end of a file allow nothing, so that access to them faults. */
  private setAccess(start: number, end: number, mapping: Mapping): void {
    this.idleStacks.wake(start, end);
    if (mapping.sharedFile !== undefined) {
      mapping.sharedFile.reprotect(start, end, mapping);
      if ((mapping.prot & PROT.EXEC) !== 0) this.codeChanged();
      return;
    }
    const exists = Math.max(start, Math.min(end, endOfFile(mapping)));
    const used = this.usedFrom(start, exists, mapping);
    if (start < used) this.memory.setAccess(start, used, 0);
    if (used < exists) this.memory.setAccess(used, exists, accessOf(mapping.prot));
    if (exists < end) this.memory.setAccess(exists, end, 0);
    const { file, prot, delta } = mapping;
    if ((prot & PROT.EXEC) === 0) return;
    this.codeChanged();
    if (file !== undefined && (prot & PROT.WRITE) === 0 && start < exists) {
      this.space.addObject(this.textAt(start, exists, file, start + delta));
    }
  }

  private textAt(start: number, end: number, file: MappableFile, offset: number): FileText {
    const known = this.texts.get(start);
    if (known?.shows(file, offset, end)) return known;
    const { memory, digest } = this;
    const text = new FileText({ memory, digest, file, offset, start, end });
    this.texts.set(start, text);
    return text;
  }

  private forgetCode(start: number, end: number, { prot }: Mapping): void {
    if (this.ended || (prot & PROT.EXEC) === 0) return;
    for (const at of this.texts.keys()) if (at >= start && at < end) this.texts.delete(at);
    this.invalidate(start, end);
  }

  private count(start: number, end: number, mapping: Mapping, sign: 1 | -1): void {
    const bytes = sign * (end - start);
    const { usage } = this;
    usage.mapped += bytes;
    if (isData(mapping)) usage.data += bytes;
    if (mapping.committed) usage.committed += bytes;
    if (mapping.locked) usage.locked += bytes;
    if (usage.committed > usage.peak) usage.peak = usage.committed;
  }
}

/** Whether a mapping is copied to children as a whole, without a look at what of it is used: a program's text. */
function isCopiedAtFirst({ file, shared, prot, committed, wipedByFork, notForked }: Mapping): boolean {
  return file !== undefined && !shared && (prot & PROT.WRITE) === 0 && committed && !wipedByFork && !notForked;
}

/** Whether RLIMIT_DATA counts a mapping (Linux's is_data_mapping). */
export function isData({ prot, shared, growsDown }: Pick<Mapping, "prot" | "shared" | "growsDown">): boolean {
  return (prot & PROT.WRITE) !== 0 && !shared && !growsDown;
}
