import type { Result } from "../abi/errno.ts";
import type { GuestPtr } from "../abi/types.ts";
import { ExtensionPoint } from "./library.ts";
import type { Task } from "./task.ts";

/** What clone(2) and clone3(2) ask for, parsed. */
export interface CloneRequest {
  /** CLONE_* bits, without the exit signal. */
  readonly flags: number;
  readonly exitSignal: number;
  /** The child's stack pointer; 0 keeps the parent's. */
  readonly sp: number;
  readonly tls: number;
  readonly parentTid: GuestPtr<"tid">;
  readonly childTid: GuestPtr<"tid">;
  readonly pidfd: GuestPtr<"fd">;
  /** The id that the child is to have (set_tid of clone3); undefined for the next free one. */
  readonly id?: number;
}

/** A flag of clone(2), by the library whose matter it is. */
export interface CloneFlag {
  /** One CLONE_* bit. */
  readonly flag: number;
  /** Does what the flag says to a child that does not run yet; with an errno there is no child. */
  apply(child: Task, parent: Task, request: CloneRequest): Result<0>;
  /** Undoes for a process what the flag shared with others (unshare(2)); absent where that makes no sense. */
  unshare?(task: Task): void;
}

/**
 * Contributed to by whoever keeps what a flag shares or copies. One that nobody contributes is refused with EINVAL, as one
 * that Linux was built without.
 */
export const cloneFlag = new ExtensionPoint<CloneFlag>("cloneFlag");

/** Whether a set of flags, which may have more than 32 bits, has a flag. */
export function hasFlag(flags: number, flag: number): boolean {
  return flag < 2 ** 32 ? ((flags >>> 0) & flag) !== 0 : (Math.floor(flags / 2 ** 32) & (flag / 2 ** 32)) !== 0;
}
