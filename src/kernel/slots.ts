/**
 * State that belongs to a library but lives as long as a task, a process, an address space or the kernel.
 *
 * So `Process` has no field for file descriptors: posix-fdtab owns a slot, and says what becomes of it at fork and exec.
 */

/** What a slot does in the life of its owner. A rule that is absent means: create anew on fork, keep on exec. */
export interface SlotRules<Owner, T> {
  create(owner: Owner): T;
  /** The child's value, given the parent's. */
  fork?(parent: T, child: Owner): T;
  /** Replaces or edits the value when the process executes another program. */
  exec?(value: T, owner: Owner): T;
  /** Releases what the value holds. */
  exit?(value: T, owner: Owner): void;
}

let slots = 0;

export class Slot<Owner, T> {
  readonly rules: SlotRules<Owner, T>;
  /** Where every owner keeps its value. */
  readonly index = slots++;

  constructor(rules: SlotRules<Owner, T>) {
    this.rules = rules;
  }
}

/** How many owners hold a value beyond its first one. */
const sharers = new WeakMap<object, number>();

/** The values of one owner, made when they are first asked for. */
export class Slots<Owner> {
  /** By the slots' indices: nearly every system call asks for one. */
  private readonly values: unknown[] = [];
  /** The slots that have a value, in the order in which they got it. */
  private readonly filled: Slot<Owner, unknown>[] = [];
  private readonly owner: Owner;
  private ended = false;

  constructor(owner: Owner) {
    this.owner = owner;
  }

  get<T>(slot: Slot<Owner, T>): T {
    const known = this.values[slot.index];
    if (known !== undefined) return known as T;
    const made = slot.rules.create(this.owner);
    this.set(slot as Slot<Owner, unknown>, made);
    return made;
  }

  /** Fills these slots from a parent's, by each one's fork rule. */
  forkFrom(parent: Slots<Owner>): void {
    for (const slot of parent.filled) {
      if (slot.rules.fork !== undefined) this.set(slot, slot.rules.fork(parent.values[slot.index], this.owner));
    }
  }

  /** Makes a slot's value one that another owner has too. It is released when the last of them lets go. */
  share<T extends object>(slot: Slot<Owner, T>, from: Slots<Owner>): void {
    const value = from.get(slot);
    if (this.values[slot.index] === value) return;
    this.letGo(slot as unknown as Slot<Owner, unknown>);
    sharers.set(value, (sharers.get(value) ?? 0) + 1);
    this.set(slot as unknown as Slot<Owner, unknown>, value);
  }

  /** Whether another owner has the same value. */
  isShared<T extends object>(slot: Slot<Owner, T>): boolean {
    const value = this.values[slot.index] as T | undefined;
    return value !== undefined && sharers.has(value);
  }

  /** A value that was shared becomes a copy of the owner's own, by its fork rule. */
  unshare<T extends object>(slot: Slot<Owner, T>): void {
    const value = this.values[slot.index] as T | undefined;
    if (value === undefined || slot.rules.fork === undefined || !leave(value)) return;
    this.set(slot as unknown as Slot<Owner, unknown>, slot.rules.fork(value, this.owner));
  }

  exec(): void {
    for (const slot of this.filled) {
      if (slot.rules.exec === undefined) continue;
      this.unshare(slot as Slot<Owner, object>);
      this.set(slot, slot.rules.exec(this.values[slot.index], this.owner));
    }
  }

  /** Releases what the values hold. They can still be looked at: of a process that nobody has waited for yet. */
  exit(): void {
    if (this.ended) return;
    this.ended = true;
    for (const slot of this.filled) this.letGo(slot);
  }

  private letGo(slot: Slot<Owner, unknown>): void {
    const value = this.values[slot.index];
    if (value !== undefined && !leave(value)) slot.rules.exit?.(value, this.owner);
  }

  private set(slot: Slot<Owner, unknown>, value: unknown): void {
    if (this.values[slot.index] === undefined) this.filled.push(slot);
    this.values[slot.index] = value;
  }
}

/** One owner lets go of a value; answers whether another one still has it. */
function leave(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const others = sharers.get(value) ?? 0;
  if (others > 1) sharers.set(value, others - 1);
  else sharers.delete(value);
  return others > 0;
}
