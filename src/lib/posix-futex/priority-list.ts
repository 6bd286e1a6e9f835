/** A member of a {@link PriorityList}; it is in one at a time. */
export class Entry<Self> {
  priority = 0;
  before: Self | undefined;
  after: Self | undefined;
}

/**
 * Members in order of priority, the most urgent (the smallest number) first, and of arrival among equals: Linux's plist.
 *
 * Taking any member out costs O(1), and so does adding one that is not more urgent than the last; another one passes those
 * that are less urgent.
 */
export class PriorityList<T extends Entry<T>> {
  private head: T | undefined;
  private tail: T | undefined;

  get first(): T | undefined {
    return this.head;
  }

  add(entry: T, priority: number): void {
    entry.priority = priority;
    let before = this.tail;
    while (before !== undefined && before.priority > priority) before = before.before;
    const after = before === undefined ? this.head : before.after;
    entry.before = before;
    entry.after = after;
    if (before === undefined) this.head = entry;
    else before.after = entry;
    if (after === undefined) this.tail = entry;
    else after.before = entry;
  }

  remove(entry: T): void {
    const { before, after } = entry;
    if (before === undefined) this.head = after;
    else before.after = after;
    if (after === undefined) this.tail = before;
    else after.before = before;
    entry.before = undefined;
    entry.after = undefined;
  }
}
