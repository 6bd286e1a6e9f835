/** The guest's bytes that a read fills or a write takes: one piece, or a vector of them (import_iovec in lib/iov_iter.c). */
import { EFAULT, EINVAL, Errno, type Result } from "../../abi/errno.ts";
import { IOV_MAX, MAX_RW_COUNT } from "../../abi/limits.ts";
import { iovecLayout } from "../../abi/riscv64/stat.ts";
import type { GuestPtr } from "../../abi/types.ts";
import type { Task } from "../../kernel/task.ts";
import { PAGE_SIZE } from "../../machine/memory.ts";

/** No program of a 48-bit address space has memory from here on (TASK_SIZE of riscv64 with Sv48). */
export const USER_END = 2 ** 47;

export interface Piece {
  readonly base: number;
  readonly length: number;
}

/** Pieces in order, their lengths summed up to no more than one call moves. Plain data: it survives a sleep. */
export interface GuestBuffer {
  readonly pieces: readonly Piece[];
  readonly length: number;
}

export function onePiece(base: number, length: number): GuestBuffer {
  const shortened = Math.min(length, MAX_RW_COUNT);
  return { pieces: [{ base, length: shortened }], length: shortened };
}

/** Reads an iovec array: EINVAL for too many pieces or a length that is negative as ssize_t. */
export function readVector(task: Task, at: GuestPtr, count: number): Result<GuestBuffer> {
  if (count > IOV_MAX) return EINVAL;
  const pieces: Piece[] = [];
  let length = 0;
  for (let i = 0; i < count; i++) {
    const vector = task.mm.readStruct((at + i * iovecLayout.size) as GuestPtr, iovecLayout);
    if (vector instanceof Errno) return vector;
    if (vector.length >= 2 ** 63) return EINVAL;
    if (vector.base + vector.length > USER_END) return EFAULT;
    const shortened = Math.min(vector.length, MAX_RW_COUNT - length);
    pieces.push({ base: vector.base, length: shortened });
    length += shortened;
  }
  return { pieces, length };
}

/** What is left of a buffer behind its first bytes. */
export function behind(buffer: GuestBuffer, done: number): GuestBuffer {
  if (done === 0) return buffer;
  const { pieces, offset } = locate(buffer, done);
  const [first, ...rest] = pieces;
  const left = first === undefined ? [] : [{ base: first.base + offset, length: first.length - offset }, ...rest];
  return { pieces: left, length: buffer.length - done };
}

/** Vectors are gathered in one buffer of at most so much; a longer transfer is done in several. */
const GATHER_BYTES = 1 << 20;

/** Lends what lies `from` bytes into the buffer: in place if one piece has all the rest, else a copy of the next part. */
export function gather(task: Task, buffer: GuestBuffer, from: number): Result<Uint8Array> {
  const only = buffer.pieces.length === 1 ? buffer.pieces[0] : undefined;
  if (only !== undefined && from <= only.length)
    return accessiblePrefix(task, only.base + from, only.length - from, "read");
  const { pieces, offset } = locate(buffer, from);
  const [first] = pieces;
  if (first === undefined) return EMPTY;
  if (pieces.length === 1) return accessiblePrefix(task, first.base + offset, first.length - offset, "read");
  const bytes = new Uint8Array(Math.min(buffer.length - from, GATHER_BYTES));
  const filled = eachPart(pieces, offset, bytes.length, (address, length, at) => {
    const part = accessiblePrefix(task, address, length, "read");
    if (part instanceof Errno) return 0;
    bytes.set(part, at);
    return part.length;
  });
  return filled === 0 && bytes.length > 0 ? EFAULT : bytes.subarray(0, filled);
}

/** Lends room for `buffer`'s bytes: the memory itself if there is one piece, else a buffer that {@link scatter} spreads. */
export function room(task: Task, buffer: GuestBuffer): Result<Uint8Array> {
  const only = buffer.pieces.length === 1 ? buffer.pieces[0] : undefined;
  if (only !== undefined) return accessiblePrefix(task, only.base, only.length, "write");
  const { pieces } = locate(buffer, 0);
  const [first] = pieces;
  if (first === undefined) return EMPTY;
  if (pieces.length === 1) return accessiblePrefix(task, first.base, first.length, "write");
  const length = eachPart(pieces, 0, Math.min(buffer.length, GATHER_BYTES), (address, wanted) => {
    const part = accessiblePrefix(task, address, wanted, "write");
    return part instanceof Errno ? 0 : part.length;
  });
  return length === 0 ? EFAULT : new Uint8Array(length);
}

/** Copies what was read into {@link room} to its pieces; does nothing if the room was the memory itself. */
export function scatter(task: Task, buffer: GuestBuffer, bytes: Uint8Array, length: number): void {
  if (buffer.pieces.length < 2) return;
  const { pieces } = locate(buffer, 0);
  if (pieces.length < 2) return;
  eachPart(pieces, 0, length, (address, wanted, at) => {
    const part = accessiblePrefix(task, address, wanted, "write");
    if (part instanceof Errno) return 0;
    part.set(bytes.subarray(at, at + part.length));
    return part.length;
  });
}

const EMPTY = new Uint8Array();

/** The non-empty pieces from a byte of the buffer on, and where in the first of them that byte is. */
function locate({ pieces }: GuestBuffer, from: number): { readonly pieces: readonly Piece[]; readonly offset: number } {
  const filled = pieces.length === 1 ? pieces : pieces.filter(({ length }) => length > 0);
  let offset = from;
  let index = 0;
  for (
    let piece = filled[index];
    piece !== undefined && offset >= piece.length && piece.length > 0;
    piece = filled[index]
  ) {
    offset -= piece.length;
    index++;
  }
  return { pieces: index === 0 ? filled : filled.slice(index), offset };
}

/** Calls `move` for each part; stops where it moves less than it was asked to. Returns how much was moved. */
function eachPart(
  pieces: readonly Piece[],
  offset: number,
  limit: number,
  move: (address: number, length: number, at: number) => number,
): number {
  let done = 0;
  let skip = offset;
  for (const { base, length } of pieces) {
    const wanted = Math.min(length - skip, limit - done);
    if (wanted === 0) break;
    const moved = move(base + skip, wanted, done);
    done += moved;
    if (moved < wanted) break;
    skip = 0;
  }
  return done;
}

/**
 * Lends as much of the range, from its start, as the guest may access. Linux copies page by page and answers what it could
 * move before it met a bad page; EFAULT only if that is nothing.
 */
function accessiblePrefix(task: Task, base: number, length: number, access: "read" | "write"): Result<Uint8Array> {
  if (length === 0) return EMPTY;
  const whole = task.mm.window(base as GuestPtr, length, access);
  if (!(whole instanceof Errno)) return whole;
  const firstEnd = Math.min(PAGE_SIZE - (base % PAGE_SIZE), length);
  let good = task.mm.window(base as GuestPtr, firstEnd, access);
  if (good instanceof Errno) return EFAULT;
  // Accessible prefixes are exactly the shorter ones: search for the last good page.
  let low = 0;
  let high = Math.ceil((length - firstEnd) / PAGE_SIZE);
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    const tried = task.mm.window(base as GuestPtr, firstEnd + middle * PAGE_SIZE, access);
    if (tried instanceof Errno) high = middle;
    else {
      low = middle;
      good = tried;
    }
  }
  return good;
}
