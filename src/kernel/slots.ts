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

/** The values of one owner, made when they are first asked for. */
export class Slots<Owner> {
  /** By the slots' indices: nearly every system call asks for one. */
  private readonly values: unknown[] = [];
  /** The slots that have a value, in the order in which they got it. */
  private filled: Slot<Owner, unknown>[] = [];
  private readonly owner: Owner;

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

  exec(): void {
    for (const slot of this.filled) {
      if (slot.rules.exec !== undefined) this.set(slot, slot.rules.exec(this.values[slot.index], this.owner));
    }
  }

  exit(): void {
    for (const slot of this.filled) slot.rules.exit?.(this.values[slot.index], this.owner);
    this.filled = [];
    this.values.length = 0;
  }

  private set(slot: Slot<Owner, unknown>, value: unknown): void {
    if (!this.filled.includes(slot)) this.filled.push(slot);
    this.values[slot.index] = value;
  }
}
