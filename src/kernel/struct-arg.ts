/** Arguments that point at structs and arrays: how they decode, and how strace prints what lies there. */
import { Errno } from "../abi/errno.ts";
import type { GuestPtr } from "../abi/types.ts";
import type { Layout } from "../base/struct.ts";
import type { Arg, FormatContext } from "./syscall.ts";
import { arg } from "./syscall.ts";

type Print<T> = (value: T, context: FormatContext) => string;

/** A struct that the call reads. */
export function structIn<T>(layout: Layout<T>, print: Print<T>): Arg<GuestPtr<T>> {
  const pointer = arg.ptr<T>();
  return {
    decode: pointer.decode,
    format: (at, context) => formatAt(at, layout, print, context) ?? pointer.format(at, context),
  };
}

/** A struct that the call fills in: printed when it has succeeded. */
export function structOut<T>(layout: Layout<T>, print: Print<T>): Arg<GuestPtr<T>> {
  const { decode, format } = structIn(layout, print);
  const pointer = arg.ptr<T>();
  return {
    decode,
    format: (at, context) => (context.result === undefined ? pointer : { format }).format(at, context),
    output: true,
  };
}

/** A NULL-terminated array of strings, as execve(2) takes: `["ls", "-l"]`. */
export const stringListIn: Arg<GuestPtr> = {
  decode: arg.ptr().decode,
  format(at, context) {
    const shown: string[] = [];
    for (let i = 0; at !== 0; i++) {
      const pointer = context.task.mm.readU64(at + 8 * i);
      if (pointer instanceof Errno) return arg.ptr().format(at, context);
      if (pointer === 0) return `[${shown.join(", ")}]`;
      if (i === SHOWN_STRINGS) return `[${shown.join(", ")}, ...]`;
      shown.push(arg.path.format(pointer, context));
    }
    return "NULL";
  },
};

const SHOWN_STRINGS = 32;

function formatAt<T>(at: GuestPtr<T>, layout: Layout<T>, print: Print<T>, context: FormatContext): string | undefined {
  if (at === 0) return undefined;
  const value = context.task.mm.readStruct(at, layout);
  return value instanceof Errno ? undefined : print(value, context);
}

/** Prints members as strace does: `{tv_sec=1, tv_nsec=0}`. */
export function formatFields(fields: Readonly<Record<string, string | number>>): string {
  return `{${Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ")}}`;
}
