import { Errno } from "../abi/errno.ts";
import type { SyscallName } from "../abi/riscv64/syscalls.ts";
import type { GuestPtr } from "../abi/types.ts";
import type { Task } from "./task.ts";
import type { CallAnswer, WakeReason } from "./wait.ts";

/**
 * What a handler answers that has set all registers itself, a0 included: rt_sigreturn(2) and a successful execve(2). It
 * is a result for the dispatcher alone; no program sees it.
 */
export const REGISTERS_SET = new Errno("REGISTERS_SET", 0, "registers were set by the call");

/**
 * What of an argument register counts: its low word, as an int or an unsigned int has it; all of it, signed or not, as a
 * number that is exact within 2^53; or its low word as bits, which are all set if there are any in the high one. It is a name and no
 * function: a system call has up to six, and a call that the host's compiler cannot foresee costs as much as decoding them all.
 */
export type Decoding = "i32" | "u32" | "i64" | "u64" | "bits";

/** The value of a register by its words, which are signed 32-bit integers. */
export function decodeRegister(how: Decoding, low: number, high: number): number {
  if (how === "i32") return low;
  if (how === "bits") return high === 0 ? low : -1;
  // Nearly all values fit a word: there is no multiplication for them.
  if (how === "u32" || high === 0) return low >>> 0;
  return (how === "i64" ? high : high >>> 0) * WORD + (low >>> 0);
}

const WORD = 0x1_0000_0000;

/** How one argument register becomes a typed value, and how strace prints it. */
export interface Arg<T> {
  readonly decode: Decoding;
  /**
   * Prints the value as strace(1) does; what the call does not look at as nothing. `result` is undefined before the call, so that what the call writes is printed
   * only afterwards.
   */
  format(value: T, context: FormatContext): string;
  /** True for what the call fills in: it is printed when the call has returned. */
  readonly output?: boolean;
}

/** What a formatter may look at. */
export interface FormatContext {
  readonly task: Task;
  /** All decoded arguments. */
  readonly args: readonly unknown[];
  /** The result, or undefined while the call has not returned, or when it failed. */
  readonly result: number | undefined;
}

/** Whether a call does all that Linux's does; `partial` says in a phrase what it lacks. */
export type Support = "full" | { readonly partial: string };

/** The declaration of one system call. Table row, argument decoding, strace line and support table derive from it. */
export interface SyscallDefinition {
  readonly name: SyscallName;
  readonly args: readonly Arg<unknown>[];
  readonly support: Support;
  readonly run: (task: Task, ...args: never[]) => CallAnswer;
  /**
   * Goes on from `task.restart` after a sleep without a generator: that was thrown away, or there was none. `reason` is why the
   * sleep ended; undefined if restart_syscall(2) goes on with the call. Required for calls that sleep with state.
   */
  readonly restart?: (task: Task, state: never, reason?: WakeReason) => CallAnswer;
  /** How the result is printed; default decimal. */
  readonly result: "decimal" | "hex";
}

type Decoded<Args extends readonly Arg<unknown>[]> = {
  -readonly [I in keyof Args]: Args[I] extends Arg<infer T> ? T : never;
};

/** Declares a system call; the handler's parameters have the types that its `args` decode to. */
export function syscall<const Args extends readonly Arg<unknown>[], State = never>(definition: {
  readonly name: SyscallName;
  readonly args: Args;
  readonly support: Support;
  readonly run: (task: Task, ...args: Decoded<Args>) => CallAnswer;
  readonly restart?: (task: Task, state: State, reason?: WakeReason) => CallAnswer;
  readonly result?: "decimal" | "hex";
}): SyscallDefinition {
  return Object.freeze({ result: "decimal", ...definition }) as unknown as SyscallDefinition;
}

const hex = (value: number): string => (value === 0 ? "0" : `0x${value.toString(16)}`);

/** Argument kinds. Libraries add their own beside their system calls: an `Arg` is a plain value. */
export const arg = {
  /** int. The kernel looks at the low word only. */
  i32: { decode: "i32", format: (v) => `${v}` } satisfies Arg<number>,
  /** unsigned int */
  u32: { decode: "u32", format: (v) => `${v}` } satisfies Arg<number>,
  /** long, off_t: exact within ±2^53. */
  i64: { decode: "i64", format: (v) => `${v}` } satisfies Arg<number>,
  /** size_t, unsigned long: exact below 2^53. */
  u64: { decode: "u64", format: (v) => `${v}` } satisfies Arg<number>,
  /** A pointer that is printed as an address. */
  ptr: <T = unknown>(): Arg<GuestPtr<T>> => ({
    decode: "u64",
    format: (v) => (v === 0 ? "NULL" : hex(v)),
  }),
  /** A NUL-terminated path or string, printed quoted. */
  path: {
    decode: "u64",
    format: (v, { task }) => formatString(task, v),
  } satisfies Arg<GuestPtr<"char">>,
  /** One value out of named ones: `arg.name(SEEK, "SEEK_")`. */
  name: (values: Readonly<Record<string, number>>, prefix: string): Arg<number> => ({
    decode: "i32",
    format: (v) => {
      const found = Object.entries(values).find(([, value]) => value === v);
      return found === undefined ? hex(v >>> 0) : prefix + found[0];
    },
  }),
  /** A set of named bits: `arg.flags(O, "O_")`. */
  flags: (values: Readonly<Record<string, number>>, prefix: string): Arg<number> => ({
    decode: "i32",
    format: (v) => formatFlags(v, values, prefix),
  }),
  /** Bytes that the call reads from the guest; its length is the argument at `lengthIndex`. */
  input: (lengthIndex: number): Arg<GuestPtr<"bytes">> => ({
    decode: "u64",
    format: (v, { task, args }) => formatBytes(task, v, Number(args[lengthIndex])),
  }),
  /** Bytes that the call writes: as many as its result says. */
  output: {
    decode: "u64",
    format: (v, { task, result }) => (result === undefined ? hex(v) : formatBytes(task, v, result)),
    output: true,
  } satisfies Arg<GuestPtr<"bytes">>,
} as const;

/** Names the bits of a set, as strace does: `O_WRONLY|O_CREAT|0x40000000`. */
export function formatFlags(value: number, names: Readonly<Record<string, number>>, prefix: string): string {
  let rest = value >>> 0;
  const parts: string[] = [];
  for (const [name, bits] of Object.entries(names)) {
    const set = bits >>> 0;
    if (set === 0 ? value === 0 : (rest & set) >>> 0 === set) {
      parts.push(prefix + name);
      rest = (rest & ~set) >>> 0;
    }
  }
  if (rest !== 0 || parts.length === 0) parts.push(hex(rest));
  return parts.join("|");
}

const SHOWN_BYTES = 32;

function formatString(task: Task, at: GuestPtr<"char">): string {
  if (at === 0) return "NULL";
  const text = task.mm.readCString(at, 4096);
  return typeof text === "string" ? `"${escapeBytes(text)}"` : hex(at);
}

function formatBytes(task: Task, at: GuestPtr<"bytes">, length: number): string {
  const shown = task.mm.read(at, Math.min(length, SHOWN_BYTES));
  if (!(shown instanceof Uint8Array)) return hex(at);
  return `"${escapeBytes(String.fromCharCode(...shown))}"${length > SHOWN_BYTES ? "..." : ""}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\t": "\\t",
  "\r": "\\r",
  "\v": "\\v",
  "\f": "\\f",
  '"': '\\"',
  "\\": "\\\\",
};

function escapeBytes(text: string): string {
  // Octal escapes are shortest unless a digit follows, as strace prints them.
  return text.replace(/[^ !#-[\]-~]/g, (c, offset: number) => {
    const known = ESCAPES[c];
    if (known !== undefined) return known;
    const octal = c.charCodeAt(0).toString(8);
    return `\\${/[0-7]/.test(text[offset + 1] ?? "") ? octal.padStart(3, "0") : octal}`;
  });
}
