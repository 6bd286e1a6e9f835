/** The operations of futex(2), what each of them takes, and how strace(1) prints that. */
import { FUTEX, FUTEX_OP, FUTEX_OP_CMP } from "../../abi/futex.ts";
import type { GuestPtr, Timespec } from "../../abi/types.ts";
import { type Arg, arg, type FormatContext } from "../../kernel/syscall.ts";
import { timespecIn } from "../posix-time/index.ts";

/** What the arguments behind the operation are; those that an operation does not take are not printed. */
type Taken = "value" | "timeout" | "count" | "word2" | "value3" | "bits" | "change";

interface Command {
  readonly name: string;
  readonly takes: readonly Taken[];
  readonly takesTimeout: boolean;
  /** Whether FUTEX_CLOCK_REALTIME may be said. */
  readonly takesClock: boolean;
}

function command(name: string, takes: readonly Taken[], takesClock = false): Command {
  return { name, takes, takesTimeout: takes.includes("timeout"), takesClock };
}

/** By number, without the flags. */
const COMMANDS: Readonly<Record<number, Command>> = {
  [FUTEX.WAIT]: command("WAIT", ["value", "timeout"]),
  [FUTEX.WAKE]: command("WAKE", ["value"]),
  [FUTEX.REQUEUE]: command("REQUEUE", ["value", "count", "word2"]),
  [FUTEX.CMP_REQUEUE]: command("CMP_REQUEUE", ["value", "count", "word2", "value3"]),
  [FUTEX.WAKE_OP]: command("WAKE_OP", ["value", "count", "word2", "change"]),
  [FUTEX.LOCK_PI]: command("LOCK_PI", ["timeout"]),
  [FUTEX.UNLOCK_PI]: command("UNLOCK_PI", []),
  [FUTEX.TRYLOCK_PI]: command("TRYLOCK_PI", []),
  [FUTEX.WAIT_BITSET]: command("WAIT_BITSET", ["value", "timeout", "bits"], true),
  [FUTEX.WAKE_BITSET]: command("WAKE_BITSET", ["value", "bits"]),
  [FUTEX.WAIT_REQUEUE_PI]: command("WAIT_REQUEUE_PI", ["value", "timeout", "word2"], true),
  [FUTEX.CMP_REQUEUE_PI]: command("CMP_REQUEUE_PI", ["value", "count", "word2", "value3"]),
  [FUTEX.LOCK_PI2]: command("LOCK_PI2", ["timeout"], true),
};

/** The operation that `op` names; undefined if there is none. */
export function commandOf(op: number): Command | undefined {
  return COMMANDS[op & FUTEX.CMD_MASK];
}

export const opArg: Arg<number> = {
  decode: "i32",
  format(op) {
    const name = commandOf(op)?.name;
    const shown = name === undefined ? `0x${((op & FUTEX.CMD_MASK) >>> 0).toString(16)}` : `FUTEX_${name}`;
    const scope = (op & FUTEX.PRIVATE_FLAG) !== 0 ? "_PRIVATE" : "";
    return `${shown}${scope}${(op & FUTEX.CLOCK_REALTIME) !== 0 ? "|FUTEX_CLOCK_REALTIME" : ""}`;
  },
};

/** The first count, or what the word is compared with. */
export const valueArg: Arg<number> = {
  decode: arg.u32.decode,
  format: (value, context) => (takes(context, "value") ? `${value}` : ""),
};

/** A timeout, or a second count in its low word. Signed, so that a count's low word survives; -1 is no address. */
export const timeoutOrCountArg: Arg<GuestPtr<Timespec>> = {
  decode: arg.i64.decode,
  format(value, context) {
    if (takes(context, "count")) return `${value >>> 0}`;
    return takes(context, "timeout") ? timespecIn.format(value, context) : "";
  },
};

export const secondWordArg: Arg<GuestPtr<"u32">> = {
  decode: arg.ptr<"u32">().decode,
  format: (word, context) => (takes(context, "word2") ? arg.ptr<"u32">().format(word, context) : ""),
};

export const value3Arg: Arg<number> = {
  decode: arg.u32.decode,
  format(value, context) {
    if (takes(context, "value3")) return `${value}`;
    if (takes(context, "change")) return formatChange(value);
    if (!takes(context, "bits")) return "";
    return value === FUTEX.BITSET_MATCH_ANY ? "FUTEX_BITSET_MATCH_ANY" : hex(value);
  },
};

const hex = (value: number): string => (value === 0 ? "0" : `0x${value.toString(16)}`);

function formatChange(operation: number): string {
  const op = nameOf(FUTEX_OP, (operation >>> 28) & 7);
  const shift = ((operation >>> 28) & FUTEX_OP.OPARG_SHIFT) !== 0 ? "FUTEX_OP_OPARG_SHIFT<<28|" : "";
  const compare = nameOf(FUTEX_OP_CMP, (operation >>> 24) & 15);
  const [by, against] = [(operation >>> 12) & 0xfff, operation & 0xfff];
  return `${shift}FUTEX_OP_${op}<<28|${hex(by)}<<12|FUTEX_OP_CMP_${compare}<<24|${hex(against)}`;
}

function nameOf(names: Readonly<Record<string, number>>, value: number): string {
  return Object.entries(names).find(([, number]) => number === value)?.[0] ?? hex(value);
}

function takes({ args }: FormatContext, what: Taken): boolean {
  // Everything is shown of an operation that is none.
  return commandOf(Number(args[1]))?.takes.includes(what) ?? UNKNOWN.includes(what);
}

const UNKNOWN: readonly Taken[] = ["value", "timeout", "word2", "value3"];
