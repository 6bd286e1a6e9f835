/** Arrays of struct futex_waitv: several words at once (futex_parse_waitv of Linux kernel/futex/syscalls.c). */
import { EINVAL, Errno, type Result } from "../../abi/errno.ts";
import { FUTEX2 } from "../../abi/futex.ts";
import { futexWaitv } from "../../abi/riscv64/futex-waitv.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { formatFields } from "../../kernel/struct-arg.ts";
import { type Arg, arg, formatFlags } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { WordArg } from "./key.ts";

const FLAG_NAMES = { SIZE_U32: FUTEX2.SIZE_U32, PRIVATE: FUTEX2.PRIVATE };
const MAX_VALUE = 0xffff_ffff;

/** What Linux 6.16 added is refused as older ones refuse it. */
export const NO_NODES = { partial: "no FUTEX2_NUMA and FUTEX2_MPOL: they are refused with EINVAL" } as const;

/** Flags of one word. */
export const flagsArg = arg.flags(FLAG_NAMES, "FUTEX2_");

/** A word, and what it is compared with. */
export interface ExpectedWord {
  readonly at: WordArg;
  readonly expected: number;
}

/** EINVAL for flags that are unknown, and for sizes other than 32 bits, which Linux has not implemented either. */
export function parseFlags(flags: number): Result<{ readonly shared: boolean }> {
  if ((flags & ~(FUTEX2.SIZE_MASK | FUTEX2.PRIVATE)) !== 0) return EINVAL;
  if ((flags & FUTEX2.SIZE_MASK) !== FUTEX2.SIZE_U32) return EINVAL;
  return { shared: (flags & FUTEX2.PRIVATE) === 0 };
}

export function readWords(task: Task, at: GuestPtr<"futex_waitv">, count: number): Result<readonly ExpectedWord[]> {
  const words: ExpectedWord[] = [];
  for (let i = 0; i < count; i++) {
    const entry = task.mm.readStruct((at as number) + i * futexWaitv.size, futexWaitv);
    if (entry instanceof Errno) return entry;
    const scope = parseFlags(entry.flags);
    if (scope instanceof Errno) return scope;
    if (entry.reserved !== 0 || entry.value > MAX_VALUE) return EINVAL;
    words.push({ at: { word: entry.address, shared: scope.shared }, expected: entry.value });
  }
  return words;
}

/** The array; its length is the argument behind it, or fixed. */
export function waitvIn(length: number | { readonly argument: number }): Arg<GuestPtr<"futex_waitv">> {
  const pointer = arg.ptr<"futex_waitv">();
  return {
    decode: pointer.decode,
    format(at, context) {
      const count = typeof length === "number" ? length : Number(context.args[length.argument]);
      const shown: string[] = [];
      for (let i = 0; at !== 0 && i < Math.min(count, SHOWN_WORDS); i++) {
        const entry = context.task.mm.readStruct((at as number) + i * futexWaitv.size, futexWaitv);
        if (entry instanceof Errno) return pointer.format(at, context);
        const { value, address, flags } = entry;
        const uaddr = `0x${address.toString(16)}`;
        shown.push(formatFields({ val: value, uaddr, flags: formatFlags(flags, FLAG_NAMES, "FUTEX2_") }));
      }
      if (at === 0) return pointer.format(at, context);
      return `[${shown.join(", ")}${count > SHOWN_WORDS ? ", ..." : ""}]`;
    },
  };
}

const SHOWN_WORDS = 4;
