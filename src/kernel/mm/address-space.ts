import { EEXIST, EINVAL, ENOMEM, EOVERFLOW, EPERM, Errno, type Result } from "../../abi/errno.ts";
import { PROT } from "../../abi/mman.ts";
import { RLIMIT } from "../../abi/resource.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { InitialContent, Space } from "../../machine/engine.ts";
import { ACCESS, LAYOUT, type MemoryPolicy, PAGE_SIZE } from "../../machine/memory.ts";
import { loadContext, saveContext } from "../hart-context.ts";
import { type Slot, Slots } from "../slots.ts";
import type { Task } from "../task.ts";
import { Areas, type AreasConfig, type AreaUsage, isData } from "./areas.ts";
import type { MapRequest } from "./map-request.ts";
import type { MappableFile } from "./mappable.ts";
import { type Advice, accessOf, describe, type Mapping, NO_ADVICE, pageDown, pageUp, type Vma } from "./mapping.ts";
import { noMemory } from "./no-memory.ts";
import { isElf, placeMapping } from "./placement.ts";
import { type BreakContext, moveBreak } from "./program-break.ts";
import { NO_REGIONS, type ProgramRegions } from "./program-regions.ts";
import { adviseRange, discardRange, lockRange, type ProtectContext, protectRange, syncRange } from "./range-calls.ts";
import { type Move, type MoveContext, moveMapping } from "./remap.ts";
import { SharedAnonymous } from "./shared-anonymous.ts";
import { UserAccess } from "./user-access.ts";

export type { Backing, MapRequest } from "./map-request.ts";
export type { MappableFile } from "./mappable.ts";
export type { Vma } from "./mapping.ts";
export type { ProgramRegions } from "./program-regions.ts";

export interface AddressSpaceConfig extends AreasConfig {
  /** Soft limit of a resource (RLIMIT_*), Infinity without one. */
  readonly limit: (resource: number) => number;
  /** Keeps the space's memory policy whatever the program does. */
  readonly fixedPolicy: boolean;
}

/**
 * Addresses that Linux takes as a user's on riscv64 with three-level page tables: below it an address is "not mapped",
 * from there on "invalid". More than the 4 GiB that can be mapped here.
 */
export const TASK_SIZE = 0x40_0000_0000;

const SP = 2;

/** Default vm.max_map_count. */
const MAX_MAP_COUNT = 65_530;

/** Default stack_guard_gap: 256 pages. */
const STACK_GUARD = 256 * PAGE_SIZE;

/** A process's memory: what is mapped where, and the checked way to it. The order of checks is that of Linux mm/. */
export class AddressSpace extends UserAccess {
  readonly space: Space;
  /** How many tasks use it. */
  users = 0;
  /** Whether what is mapped from now on is locked (MCL_FUTURE). */
  locksFuture = false;
  /** Set once, by the loader. */
  regions: ProgramRegions = NO_REGIONS;
  private readonly config: AddressSpaceConfig;
  private readonly contents: Areas;
  private readonly slots: Slots<AddressSpace>;
  /** What mprotect(2), mremap(2) and brk(2) need. */
  private readonly growth: Omit<MoveContext, "mayLock"> & BreakContext & ProtectContext;
  private breakEnd = 0;
  /** Mappings without a place of their own go from here on: above the stack and its guard. */
  private mapFloor: number = LAYOUT.mapLow;
  /** A change of policy that waits for {@link settlePolicy}. */
  policyWanted: MemoryPolicy | undefined;
  /** The task whose registers are in page 0. */
  private resident: Task | undefined;

  constructor(config: AddressSpaceConfig) {
    super(config.space.memory);
    this.config = config;
    this.space = config.space;
    const requirePreciseFaults = () => this.requirePreciseFaults();
    this.contents = new Areas(config, requirePreciseFaults);
    this.slots = new Slots<AddressSpace>(this);
    this.growth = {
      areas: this.contents,
      mayGrow: (bytes: number, data: boolean, dataBytes?: number) => this.mayGrow(bytes, data, dataBytes),
      requirePreciseFaults,
      place: (length) => this.findPlace(length, undefined, PAGE_SIZE),
      limit: config.limit,
      taskSize: TASK_SIZE,
    };
  }

  get<T>(slot: Slot<AddressSpace, T>): T {
    return this.slots.get(slot);
  }

  /** Sums over all mappings, in bytes: for /proc/self/statm and getrusage(2). */
  get usage(): Readonly<AreaUsage> {
    return this.contents.usage;
  }

  /** The end of the heap. */
  get brk(): number {
    return this.breakEnd;
  }

  *areas(): Iterable<Vma> {
    for (const area of this.contents.map) yield describe(area);
  }

  areaAt(address: number): Vma | undefined {
    const area = this.contents.map.at(address);
    return area === undefined ? undefined : describe(area);
  }

  /** Whether every page of a range is mapped. */
  isMapped(address: number, length: number): boolean {
    return this.contents.map.covers(pageDown(address), pageUp(address + length));
  }

  /** mmap(2) behind the checks of its descriptor: do_mmap of mm/mmap.c. */
  map(request: MapRequest): Result<number> {
    const { backing, shared, prot } = request;
    if (request.length === 0) return EINVAL;
    const length = pageUp(request.length);
    if (length === 0 || length > TASK_SIZE) return ENOMEM;
    const offset = backing === "anonymous" ? 0 : backing.offset;
    if (offset % PAGE_SIZE !== 0) return EINVAL;
    if (offset < 0 || offset + length > Number.MAX_SAFE_INTEGER) return EOVERFLOW;
    if (this.contents.map.size >= MAX_MAP_COUNT) return ENOMEM;
    const backed = backing === "anonymous" ? undefined : backing.file;
    const start = this.choosePlace(request, length, backed);
    if (start instanceof Errno) return start;
    const refused = request.check?.();
    if (refused !== undefined) return refused;
    const file = backed ?? (shared ? new SharedAnonymous(length) : undefined);

    const mapping: Mapping = {
      prot: prot & (PROT.READ | PROT.WRITE | PROT.EXEC),
      shared,
      readOnly: request.readOnly ?? (shared && backed !== undefined && backed.write === undefined),
      file,
      delta: file === undefined ? 0 : offset - start,
      fileEnd: file === undefined ? 0 : pageUp(file.size),
      name: request.name ?? file?.name ?? ("" as ByteString),
      growsDown: request.growsDown ?? false,
      committed: prot !== PROT.NONE || (backed !== undefined && shared),
      sharedFile: shared && backed !== undefined ? this.contents.sharedFile(backed) : undefined,
      ...NO_ADVICE,
      locked: request.locked ?? this.locksFuture,
    };
    const end = start + length;
    const replaced = this.mappedBytes(start, end);
    if (!this.mayGrow(length - replaced, isData(mapping))) return ENOMEM;
    this.contents.take(start, end);
    if (!this.contents.put(start, end, mapping)) return ENOMEM;
    // A dynamic linker maps its objects past their end before it lays .bss over that; nobody else does so by accident.
    if (backed !== undefined && pageUp(backed.size) < end + mapping.delta && !isElf(backed))
      this.requirePreciseFaults();
    return start;
  }

  /** munmap(2): do_vmi_munmap of mm/vma.c. */
  unmap(address: number, length: number): Result<0> {
    if (address % PAGE_SIZE !== 0 || address > TASK_SIZE || length > TASK_SIZE - address || length === 0) return EINVAL;
    this.contents.take(address, address + pageUp(length));
    return 0;
  }

  /** mprotect(2): see {@link protectRange}. */
  protect(address: number, length: number, prot: number): Result<0> {
    return protectRange(this.growth, address, length, prot);
  }

  /** mremap(2) */
  remap(move: Move, mayLock: MoveContext["mayLock"]): Result<number> {
    return moveMapping({ ...this.growth, mayLock }, move);
  }

  /** MADV_DONTNEED: see {@link discardRange}. */
  discard(address: number, length: number, evenLocked = false): Result<0> {
    return discardRange(this.contents, address, length, this.resident?.xNumber(SP) ?? 0, evenLocked);
  }

  /** madvise(2), as far as it is to be kept in mind: see {@link adviseRange}. */
  advise(address: number, length: number, advice: Partial<Advice>): Result<0> {
    return adviseRange(this.contents, address, length, advice);
  }

  /** mlock(2), munlock(2): see {@link lockRange}. */
  lock(address: number, length: number, locked: boolean): Result<0> {
    return lockRange(this.contents, address, length, locked);
  }

  /** mlockall(2), munlockall(2) */
  lockAll(now: boolean, later: boolean): void {
    this.locksFuture = later;
    for (const part of [...this.contents.map]) this.contents.note(part, { locked: now });
  }

  /** msync(2): see {@link syncRange}. */
  sync(address: number, length: number): Result<0> {
    return syncRange(this.contents, address, length);
  }

  /** Where an object of some length goes, as if it were mapped without a hint. */
  findPlace(length: number, file: MappableFile | undefined, align: number): Result<number> {
    return placeMapping(this.contents.map, this.mapFloor, { length, file, align }) ?? ENOMEM;
  }

  /**
   * Maps the stack; answers its top. It lies below all other mappings, with a gap beneath (Linux's stack_guard_gap): code
   * that does not check its accesses is found out there before it writes over anything else.
   */
  mapStack(length: number, prot: number): Result<number> {
    const address = LAYOUT.mapLow + STACK_GUARD;
    const name = "[stack]" as ByteString;
    const stack = { address, length, prot, name, kind: "fixed", backing: "anonymous", shared: false } as const;
    const start = this.map({ ...stack, growsDown: true });
    if (start instanceof Errno) return start;
    this.mapFloor = start + pageUp(length);
    return this.mapFloor;
  }

  /** Says where the heap begins; by the loader. */
  startBreak(address: number): void {
    this.breakEnd = address;
  }

  /** brk(2): the new break, or the old one if it cannot be moved (mm/mmap.c, SYSCALL_DEFINE1(brk)). */
  setBreak(address: number): number {
    this.breakEnd = moveBreak(this.growth, this.regions, this.breakEnd, address, this.locksFuture);
    return this.breakEnd;
  }

  /**
   * The program relies on faults being precise: goes over to the policy that checks every access. To be called when a
   * handler of SIGSEGV or SIGBUS is installed.
   */
  requirePreciseFaults(): void {
    if (this.config.fixedPolicy || this.space.options.policy === "paged") return;
    this.policyWanted = "paged";
    this.config.mustLeave();
  }

  /** Applies a change of policy that was asked for. No guest code may be on the stack. */
  settlePolicy(): void {
    if (this.policyWanted === undefined) return;
    this.space.reconfigure({ ...this.space.options, policy: this.policyWanted });
    this.policyWanted = undefined;
  }

  /** Brings shared memory up to date with what other address spaces stored. To be called before it runs after another one. */
  catchUp(): void {
    this.contents.catchUp();
  }

  /** Puts a task's registers into page 0, and those that are there away. */
  seat(task: Task): void {
    const { resident } = this;
    if (resident === task) return;
    if (resident !== undefined) saveContext(this.memory, resident.registers);
    loadContext(this.memory, task.registers);
    this.resident = task;
  }

  /** Takes what the loader put into page 0 as a task's registers. */
  adopt(task: Task): void {
    this.resident = task;
  }

  /** A task goes to another address space: what it leaves in page 0 must not be put away as its registers any more. */
  forget(task: Task): void {
    if (this.resident === task) this.resident = undefined;
  }

  /** What the engine is to put into a space that becomes a copy of this one: programs, which have no empty pages. */
  copiedAtFirst(): InitialContent {
    return { memory: this.memory, ranges: this.contents.copiedAtFirst() };
  }

  /**
   * Takes over another address space's mappings with their content, as fork(2) does; this one must be empty but for what
   * {@link copiedAtFirst} said.
   *
   * @returns false if memory is used up: then it must be released.
   */
  copyFrom(parent: AddressSpace): boolean {
    // The stack is in use down to here, even if no code that looks at the page table has seen it yet.
    parent.allows(parent.resident?.xNumber(SP) ?? 0, 1, ACCESS.WRITE);
    this.regions = parent.regions;
    this.breakEnd = parent.breakEnd;
    this.mapFloor = parent.mapFloor;
    this.policyWanted = parent.policyWanted;
    this.slots.forkFrom(parent.slots);
    return this.contents.copyFrom(parent.contents);
  }

  /** riscv_flush_icache(2): forgets translations of these addresses. */
  flushInstructions(start: number, end: number): void {
    for (const { start: from, end: to, value } of this.contents.map.within(pageDown(start), pageUp(end))) {
      if ((value.prot & PROT.EXEC) !== 0) value.sharedFile?.refreshCode(from, to, value);
    }
    this.contents.invalidate(start, end);
  }

  /**
   * Makes a page usable that its mapping allows to be used: one of a stack, or one that was taken away for another view of the same file.
   * `access` is one ACCESS bit. Returns false if the access is to fail.
   */
  override resolvePage(address: number, access: number): boolean {
    const mapping = this.contents.map.at(address)?.value;
    if (mapping === undefined || (accessOf(mapping.prot) & access) === 0) return false;
    return mapping.sharedFile?.resolve(address, access, mapping) ?? this.contents.usePage(address, mapping);
  }

  /**
   * Unmaps everything, writing shared files back, and gives the memory to the engine for reuse: no access through this
   * address space reaches it from then on.
   */
  release(): void {
    this.slots.exit();
    this.contents.end();
    this.memory = noMemory(this.memory);
    this.space.release();
  }

  /** get_unmapped_area: where the mapping goes. */
  private choosePlace(request: MapRequest, length: number, file: MappableFile | undefined): Result<number> {
    const { address, kind } = request;
    if (kind !== "hint") {
      if (address > TASK_SIZE - length) return ENOMEM;
      if (address % PAGE_SIZE !== 0) return EINVAL;
      if (address < LAYOUT.mapMin) return EPERM;
      const end = address + length;
      if (end > LAYOUT.end || (address < LAYOUT.arenaHigh && end > LAYOUT.arenaLow)) return ENOMEM;
      return kind === "fixedNoReplace" && this.contents.map.within(address, end).length > 0 ? EEXIST : address;
    }
    if (length > TASK_SIZE) return ENOMEM;
    // Hints beyond 4 GiB (Go's arenas, allocators' random ones) cannot be followed; lower ones are, if the place is free.
    const hint = pageDown(address);
    if (hint >= this.mapFloor && hint + length <= LAYOUT.end) {
      if (this.contents.map.gap(hint, hint + length, length, 1) === hint) return hint;
    }
    return this.findPlace(length, file, PAGE_SIZE);
  }

  /** may_expand_vm: RLIMIT_AS, and RLIMIT_DATA for what is private and writable. */
  private mayGrow(bytes: number, data: boolean, dataBytes = bytes): boolean {
    const { mapped, data: usedData } = this.contents.usage;
    if (mapped + bytes > this.config.limit(RLIMIT.AS)) return false;
    return !data || usedData + dataBytes <= this.config.limit(RLIMIT.DATA);
  }

  private mappedBytes(start: number, end: number): number {
    return this.contents.map.within(start, end).reduce((sum, part) => sum + part.end - part.start, 0);
  }
}
