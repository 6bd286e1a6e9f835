/**
 * Layouts of C structs as values: the TypeScript type and the byte layout follow from one declaration.
 *
 * Alignment and padding are those of the riscv64 psABI (LP64D): each scalar is aligned to its size, arrays to their element.
 */

/** How one C type lies in memory. */
export interface Layout<T> {
  readonly size: number;
  readonly align: number;
  read(view: DataView, at: number): T;
  write(view: DataView, at: number, value: T): void;
}

function scalar(
  size: number,
  read: (v: DataView, at: number) => number,
  write: (v: DataView, at: number, value: number) => void,
): Layout<number> {
  return Object.freeze({ size, align: size, read, write });
}

const WORD = 0x1_0000_0000;

export const u8 = scalar(
  1,
  (v, at) => v.getUint8(at),
  (v, at, x) => v.setUint8(at, x),
);
export const u16 = scalar(
  2,
  (v, at) => v.getUint16(at, true),
  (v, at, x) => v.setUint16(at, x, true),
);
export const i16 = scalar(
  2,
  (v, at) => v.getInt16(at, true),
  (v, at, x) => v.setInt16(at, x, true),
);
export const u32 = scalar(
  4,
  (v, at) => v.getUint32(at, true),
  (v, at, x) => v.setUint32(at, x, true),
);
export const i32 = scalar(
  4,
  (v, at) => v.getInt32(at, true),
  (v, at, x) => v.setInt32(at, x, true),
);

/** Exact below 2^53; larger values lose low bits. */
export const u64 = scalar(
  8,
  (v, at) => v.getUint32(at + 4, true) * WORD + v.getUint32(at, true),
  (v, at, x) => {
    v.setUint32(at, x % WORD, true);
    v.setUint32(at + 4, Math.floor(x / WORD), true);
  },
);

/** Exact within ±2^53. */
export const i64 = scalar(
  8,
  (v, at) => v.getInt32(at + 4, true) * WORD + v.getUint32(at, true),
  (v, at, x) => {
    const high = Math.floor(x / WORD);
    v.setUint32(at, x - high * WORD, true);
    v.setInt32(at + 4, high, true);
  },
);

/** All 64 bits, for values that are masks rather than quantities. */
export const bits64: Layout<bigint> = Object.freeze({
  size: 8,
  align: 8,
  read: (v: DataView, at: number) => v.getBigUint64(at, true),
  write: (v: DataView, at: number, x: bigint) => v.setBigUint64(at, x, true),
});

/** `count` of the same, one behind the other. Missing elements are left as they are. */
export function array<T>(element: Layout<T>, count: number): Layout<readonly T[]> {
  return Object.freeze({
    size: element.size * count,
    align: element.align,
    read: (v: DataView, at: number) => Array.from({ length: count }, (_, i) => element.read(v, at + i * element.size)),
    write(v: DataView, at: number, values: readonly T[]) {
      for (const [i, value] of values.slice(0, count).entries()) element.write(v, at + i * element.size, value);
    },
  });
}

type Fields = Readonly<Record<string, Layout<unknown>>>;

/** What a struct holds. */
export type StructOf<L> = L extends Layout<infer T> ? T : never;

export interface Struct<F extends Fields> extends Layout<{ readonly [K in keyof F]: StructOf<F[K]> }> {
  /** Byte offset of each field, as offsetof(3) tells. */
  readonly offsets: { readonly [K in keyof F]: number };
}

/** A C struct of these fields, in order. */
export function struct<F extends Fields>(fields: F): Struct<F> {
  const offsets: Record<string, number> = {};
  let end = 0;
  let align = 1;
  for (const [name, layout] of Object.entries(fields)) {
    end = roundUp(end, layout.align);
    offsets[name] = end;
    end += layout.size;
    align = Math.max(align, layout.align);
  }
  // Plain arrays and loops: system calls read and write structs all the time.
  const names = Object.keys(fields);
  const layouts: readonly Layout<unknown>[] = Object.values(fields);
  const places = names.map((name) => offsets[name]!);
  return Object.freeze({
    size: roundUp(end, align),
    align,
    offsets: Object.freeze(offsets) as Struct<F>["offsets"],
    read(v: DataView, at: number) {
      const value: Record<string, unknown> = {};
      for (let i = 0; i < names.length; i++) value[names[i]!] = layouts[i]!.read(v, at + places[i]!);
      return value as StructOf<Struct<F>>;
    },
    write(v: DataView, at: number, value: StructOf<Struct<F>>) {
      const members = value as Record<string, unknown>;
      for (let i = 0; i < names.length; i++) layouts[i]!.write(v, at + places[i]!, members[names[i]!]);
    },
  });
}

/** The smallest multiple of `unit` that is not below `value`. */
export function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

/** The largest multiple of `unit` that is not above `value`. */
export function roundDown(value: number, unit: number): number {
  return Math.floor(value / unit) * unit;
}
