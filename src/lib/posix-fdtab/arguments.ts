/** How system calls on files take and print their arguments. */
import { Errno } from "../../abi/errno.ts";
import { AT, AT_FDCWD, O } from "../../abi/fcntl.ts";
import { iovecLayout } from "../../abi/riscv64/stat.ts";
import { timespec } from "../../abi/riscv64/time.ts";
import type { Fd, GuestPtr } from "../../abi/types.ts";
import { formatFields, structIn } from "../../kernel/struct-arg.ts";
import { type Arg, type FormatContext, formatFlags } from "../../kernel/syscall.ts";

/** A file descriptor. */
export const fdArg: Arg<Fd> = { decode: "i32", format: (v) => `${v}` };

/** The descriptor of a directory that a relative path starts from, or AT_FDCWD. */
export const dirFdArg: Arg<Fd> = { decode: "i32", format: (v) => (v === AT_FDCWD ? "AT_FDCWD" : `${v}`) };

/** mode_t in octal. */
export const modeArg: Arg<number> = {
  decode: "u32",
  format: (v) => (v === 0 ? "000" : `0${v.toString(8)}`),
};

/** The O_* flags as strace prints them: the access mode first, although O_RDONLY has no bit. */
export function formatOpenFlags(flags: number): string {
  const { ACCMODE: _, WRONLY, RDWR, TMPFILE, SYNC, ...bits } = O;
  const mode = ["O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"][flags & O.ACCMODE]!;
  const rest = flags & ~O.ACCMODE;
  return rest === 0 ? mode : `${mode}|${formatFlags(rest, { TMPFILE, SYNC, ...bits }, "O_")}`;
}

export const openFlagsArg: Arg<number> = { decode: "i32", format: formatOpenFlags };

/** AT_* flags; strace prints none as 0. */
export function atFlagsArg(names: readonly (keyof typeof AT)[]): Arg<number> {
  const known = Object.fromEntries(names.map((name) => [name, AT[name]]));
  return { decode: "i32", format: (v) => (v === 0 ? "0" : formatFlags(v, known, "AT_")) };
}

/** struct timespec as a call reads it. */
export const timespecArg = structIn(timespec, (t) => formatFields({ tv_sec: t.seconds, tv_nsec: t.nanoseconds }));

const SHOWN_VECTORS = 16;
const SHOWN_BYTES = 32;

/** An iovec array whose length is the argument at `countIndex`; the bytes of inputs are shown. */
export function iovecArg(countIndex: number, direction: "input" | "output"): Arg<GuestPtr> {
  return {
    decode: "u64",
    format(v, context) {
      if (v === 0) return "NULL";
      if (direction === "output" && context.result === undefined) return hex(v);
      return formatVectors(v, Number(context.args[countIndex]), context, direction);
    },
    output: direction === "output",
  };
}

function formatVectors(at: GuestPtr, count: number, { task, result }: FormatContext, direction: "input" | "output") {
  const parts: string[] = [];
  let left = direction === "output" ? (result ?? 0) : Number.POSITIVE_INFINITY;
  for (let i = 0; i < Math.min(count, SHOWN_VECTORS); i++) {
    const vector = task.mm.readStruct((at + i * iovecLayout.size) as GuestPtr, iovecLayout);
    if (vector instanceof Errno) return hex(at);
    const shown = Math.min(vector.length, left);
    parts.push(`{iov_base=${formatMemory(task, vector.base as GuestPtr, shown)}, iov_len=${vector.length}}`);
    left -= shown;
  }
  return `[${parts.join(", ")}${count > SHOWN_VECTORS ? ", ..." : ""}]`;
}

function formatMemory(task: FormatContext["task"], at: GuestPtr, length: number): string {
  const bytes = task.mm.read(at, Math.min(length, SHOWN_BYTES));
  if (bytes instanceof Errno) return hex(at);
  const text = Array.from(bytes, (byte) =>
    byte === 0x0a ? "\\n" : byte === 0x22 || byte === 0x5c ? `\\${String.fromCharCode(byte)}` : printable(byte),
  ).join("");
  return `"${text}"${length > SHOWN_BYTES ? "..." : ""}`;
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${byte.toString(8)}`;
}

export function hex(value: number): string {
  return value === 0 ? "NULL" : `0x${value.toString(16)}`;
}
