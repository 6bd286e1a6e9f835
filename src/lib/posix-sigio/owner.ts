/** Whom a file's signals go to (f_setown and f_getown of Linux fs/fcntl.c). */
import { EINVAL, Errno, ESRCH, type Result } from "../../abi/errno.ts";
import { F_OWNER } from "../../abi/fcntl.ts";
import { ownerLayout } from "../../abi/riscv64/file-owner.ts";
import type { GuestPtr, Pgid, Tid } from "../../abi/types.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Process } from "../../kernel/process.ts";
import type { Task } from "../../kernel/task.ts";
import { groupMembers } from "../posix-process/index.ts";

/** A thread, a process or a group, by its id. */
export interface Owner {
  readonly kind: "thread" | "process" | "group";
  readonly id: number;
}

const KINDS = ["thread", "process", "group"] as const satisfies readonly Owner["kind"][];

/** Those that an owner means now. */
export function receiversOf(kernel: Kernel, { kind, id }: Owner): readonly (Process | Task)[] {
  if (kind === "group") return groupMembers(kernel, id as Pgid);
  const found = kind === "thread" ? kernel.tasks.get(id as Tid) : kernel.processOf(id);
  return found === undefined ? [] : [found];
}

/** F_SETOWN: a process, minus a group, or 0 for nobody. */
export function parseOwner(kernel: Kernel, argument: number): Result<Owner | undefined> {
  const who = argument | 0;
  if (who === 0) return undefined;
  if (who === -0x8000_0000) return EINVAL;
  return known(kernel, { kind: who < 0 ? "group" : "process", id: Math.abs(who) });
}

/** F_GETOWN: a thread looks like a process. */
export function ownerNumber(owner: Owner | undefined): number {
  if (owner === undefined) return 0;
  return owner.kind === "group" ? -owner.id : owner.id;
}

/** F_SETOWN_EX */
export function readOwner(task: Task, at: number): Result<Owner | undefined> {
  const given = task.mm.readStruct(at as GuestPtr<never>, ownerLayout);
  if (given instanceof Errno) return given;
  const kind = KINDS[given.type];
  if (kind === undefined) return EINVAL;
  return given.pid === 0 ? undefined : known(task.kernel, { kind, id: given.pid });
}

/** F_GETOWN_EX */
export function writeOwner(task: Task, at: number, owner: Owner | undefined): Result<0> {
  const type = owner === undefined ? F_OWNER.TID : KINDS.indexOf(owner.kind);
  return task.mm.writeStruct(at as GuestPtr<never>, ownerLayout, { type, pid: owner?.id ?? 0 });
}

function known(kernel: Kernel, owner: Owner): Result<Owner> {
  return receiversOf(kernel, owner).length === 0 ? ESRCH : owner;
}
