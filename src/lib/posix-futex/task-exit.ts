/** What is left to do for a thread's futexes when it ends or its program is replaced (Linux futex_exit_release, mm_release). */
import type { Task } from "../../kernel/task.ts";
import { clearChildTid } from "../posix-process/index.ts";
import { leave, locksOf, PiWaiter, passOn } from "./pi-lock.ts";
import { settle } from "./pi-word.ts";
import { dequeue, waitersOf } from "./queue.ts";
import { abandonRobustList } from "./robust-list.ts";
import { wake } from "./wake.ts";

export function releaseFutexes(task: Task): void {
  stopWaiting(task);
  abandonRobustList(task);
  // After the list: the heirs find the words marked.
  for (const lock of [...locksOf(task)]) {
    lock.isSettled = false;
    passOn(lock);
  }
  tellJoiner(task);
}

/** A lock that was granted to a task which did not come to take it is its own, so that it can be abandoned. */
function stopWaiting(task: Task): void {
  for (const waiter of [...waitersOf(task)]) {
    if (!(waiter instanceof PiWaiter)) dequeue(waiter);
    else if (waiter.granted) settle(waiter);
    else leave(waiter);
  }
}

/** CLONE_CHILD_CLEARTID: clears the word and wakes who joins, if anybody else can see it (mm_release). */
function tellJoiner(task: Task): void {
  const { address } = task.get(clearChildTid);
  if (address === 0 || task.mm.users <= 1) return;
  task.mm.writeU32(address, 0);
  wake(task, { word: address as number, shared: true }, 1);
}
