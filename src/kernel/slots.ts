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

export class Slot<Owner, T> {
  readonly rules: SlotRules<Owner, T>;
  constructor(rules: SlotRules<Owner, T>) {
    this.rules = rules;
  }
}

/** The values of one owner, made when they are first asked for. */
export class Slots<Owner> {
  private readonly values = new Map<Slot<Owner, unknown>, unknown>();
  private readonly owner: Owner;

  constructor(owner: Owner) {
    this.owner = owner;
  }

  get<T>(slot: Slot<Owner, T>): T {
    const known = this.values.get(slot as Slot<Owner, unknown>);
    if (known !== undefined) return known as T;
    const made = slot.rules.create(this.owner);
    this.values.set(slot as Slot<Owner, unknown>, made);
    return made;
  }

  /** Fills these slots from a parent's, by each one's fork rule. */
  forkFrom(parent: Slots<Owner>): void {
    for (const [slot, value] of parent.values) {
      if (slot.rules.fork !== undefined) this.values.set(slot, slot.rules.fork(value, this.owner));
    }
  }

  exec(): void {
    for (const [slot, value] of this.values) {
      if (slot.rules.exec !== undefined) this.values.set(slot, slot.rules.exec(value, this.owner));
    }
  }

  exit(): void {
    for (const [slot, value] of this.values) slot.rules.exit?.(value, this.owner);
    this.values.clear();
  }
}
