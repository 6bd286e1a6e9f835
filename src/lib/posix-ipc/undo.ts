/** SEM_UNDO: what is added to semaphores when those end who took from them. (sysvsem of Linux ipc/sem.c) */
import { CLONE } from "../../abi/clone.ts";
import { SEM_LIMIT } from "../../abi/ipc.ts";
import type { CloneFlag } from "../../kernel/clone-flag.ts";
import { perTask } from "../../kernel/slot-kinds.ts";
import type { Task } from "../../kernel/task.ts";
import type { SemaphoreSet, Undo } from "./semaphore-set.ts";

/** The adjustments of a task, or of several that share them (CLONE_SYSVSEM): they count when the last one ends. */
class UndoList {
  private users = 1;
  /** The latest first, as they are done. */
  private undos: readonly (Undo & { readonly set: SemaphoreSet })[] = [];

  share(): this {
    this.users++;
    return this;
  }

  /** The adjustments for a set, none at first. (find_alloc_undo) */
  of(set: SemaphoreSet): Undo {
    const known = this.undos.find((undo) => undo.set === set);
    if (known !== undefined) return known;
    const made = {
      set,
      adjustments: set.semaphores.map(() => 0),
      forget: () => {
        this.undos = this.undos.filter((undo) => undo !== made);
      },
    };
    this.undos = [made, ...this.undos];
    set.undos.add(made);
    return made;
  }

  /** One of its tasks ends, or has it no more. (exit_sem) */
  leave({ process: { pid } }: Task): void {
    if (--this.users > 0) return;
    for (const undo of this.undos) {
      undo.set.undos.delete(undo);
      for (const [number, adjustment] of undo.adjustments.entries()) {
        if (adjustment === 0) continue;
        const semaphore = undo.set.semaphores[number]!;
        semaphore.value = Math.min(Math.max(semaphore.value + adjustment, 0), SEM_LIMIT.VMX);
        semaphore.pid = pid;
      }
      undo.set.update(undefined, true);
    }
    this.undos = [];
  }
}

/** A child of fork(2) has nothing to undo; a thread shares what its maker has. */
const slot = perTask<{ list: UndoList | undefined }>({
  create: () => ({ list: undefined }),
  exit: leaveUndoList,
});

function leaveUndoList(held: { list: UndoList | undefined }, task: Task): void {
  held.list?.leave(task);
  held.list = undefined;
}

/** What a task's operations on a set are to be undone by. */
export function undoOf(task: Task, set: SemaphoreSet): Undo {
  return listOf(task).of(set);
}

function listOf(task: Task): UndoList {
  const held = task.get(slot);
  held.list ??= new UndoList();
  return held.list;
}

export const cloneUndo: CloneFlag = {
  flag: CLONE.SYSVSEM,
  apply(child, parent) {
    child.get(slot).list = listOf(parent).share();
    return 0;
  },
  unshare: (task) => leaveUndoList(task.get(slot), task),
};
