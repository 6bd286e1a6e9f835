import { EAGAIN, EBUSY, EINVAL, EPERM, EPIPE, type Result } from "../../abi/errno.ts";
import { PIPE_MAX_SIZE } from "../../abi/limits.ts";
import { POLL, POLL_READABLE, POLL_WRITABLE } from "../../abi/poll.ts";
import { WaitQueue } from "../../kernel/wait.ts";

/** What a pipe holds: at the most so many slots of a page, each of which takes what one write puts there. */
const PAGE = 4096;
const DEFAULT_SLOTS = 16;

/** In a slot's number: its bytes are a packet (O_DIRECT). The rest of the number is how many they are. */
const PACKET = 1 << 16;

/** So many bytes are copied one by one: views of them would cost more. */
const FEW = 32;

function copyBytes(to: Uint8Array, at: number, from: Uint8Array, start: number, count: number): void {
  if (count > FEW) to.set(from.subarray(start, start + count), at);
  else for (let i = 0; i < count; i++) to[at + i] = from[start + i]!;
}

/** The first bytes, without a view of their own if they are all. */
function firstOf(bytes: Uint8Array, count: number): Uint8Array {
  return count === bytes.length ? bytes : bytes.subarray(0, count);
}

/**
 * Bytes on their way from writers to readers (pipe(7)), in a ring that knows who is left at either end. How much goes in is
 * counted in slots, as fs/pipe.c does: a write begins in a slot of its own unless its last part fits behind the bytes before it.
 */
export class Pipe {
  /** Woken when it has bytes or no writer. */
  readonly readable = new WaitQueue();
  /** Woken when it has room or no reader. */
  readonly writable = new WaitQueue();
  /** Woken with both, for who has both ends in one file. */
  readonly either = new WaitQueue();
  readers = 0;
  writers = 0;
  /** How often each side was opened: by this an opener sees that its peer came, though it has gone again. */
  readerOpens = 0;
  writerOpens = 0;
  private ring = new Uint8Array(PAGE);
  private start = 0;
  private filled = 0;
  private readonly slots: number[] = [];
  /** How much of the last slot's page was ever written. */
  private lastEnd = 0;
  private limit = DEFAULT_SLOTS;

  /** Bytes that are there to be read. */
  get length(): number {
    return this.filled;
  }

  /** Bytes that it holds at the most. */
  get capacity(): number {
    return this.limit * PAGE;
  }

  /** Bytes that it has room for in slots of their own. */
  get room(): number {
    return (this.limit - this.slots.length) * PAGE;
  }

  /**
   * Takes what is there, up to the end of a packet, whose rest is lost: EAGAIN if that is nothing and somebody may yet write, 0 at
   * the end (pipe_read).
   */
  read(into: Uint8Array): Result<number> {
    if (into.length === 0) return 0;
    if (this.filled === 0) return this.writers === 0 ? 0 : EAGAIN;
    let taken = 0;
    let lost = 0;
    for (const slot of this.slots) {
      const size = slot & ~PACKET;
      const part = Math.min(size, into.length - taken);
      taken += part;
      if (slot >= PACKET) lost = size - part;
      if (slot >= PACKET || taken === into.length) break;
    }
    this.peek(firstOf(into, taken));
    this.drop(taken + lost);
    return taken;
  }

  /** Takes bytes out unread. */
  drop(count: number): void {
    this.start = (this.start + count) % this.ring.length;
    this.filled -= count;
    const { slots } = this;
    for (let left = count; left > 0; ) {
      const size = slots[0]! & ~PACKET;
      if (size <= left) slots.shift();
      else slots[0] = slots[0]! - left;
      left -= Math.min(size, left);
    }
    this.wakeWriters();
  }

  /** Copies bytes without taking them (tee(2)). */
  peek(into: Uint8Array): number {
    const count = Math.min(into.length, this.filled);
    const first = Math.min(count, this.ring.length - this.start);
    copyBytes(into, 0, this.ring, this.start, first);
    copyBytes(into, first, this.ring, 0, count - first);
    return count;
  }

  /** Puts bytes in: up to PIPE_BUF of them all or none, of more as many as there is room for (pipe_write). */
  write(from: Uint8Array, packets = false): Result<number> {
    if (from.length === 0) return 0;
    if (this.readers === 0) return EPIPE;
    const rest = from.length % PAGE;
    const last = this.slots.length - 1;
    if (packets || rest === 0 || last < 0 || this.slots[last]! >= PACKET || this.lastEnd + rest > PAGE) {
      return this.put(from, packets) || EAGAIN;
    }
    this.slots[last] = this.slots[last]! + rest;
    this.lastEnd += rest;
    this.append(firstOf(from, rest));
    return rest === from.length ? rest : rest + this.put(from.subarray(rest));
  }

  /** Puts in as many bytes as there is room for, in slots of their own. */
  put(from: Uint8Array, packets = false): number {
    const count = Math.min(from.length, this.room);
    for (let left = count; left > 0; left -= this.lastEnd) {
      this.lastEnd = Math.min(left, PAGE);
      this.slots.push(packets ? this.lastEnd | PACKET : this.lastEnd);
    }
    this.append(firstOf(from, count));
    return count;
  }

  /**
   * Hands slots on to another pipe (splice_pipe_to_pipe), or only shows them to it (tee(2)): up to `length` bytes, as many as it has
   * free slots for. Nothing is added behind them there, unless it would be added here.
   */
  handOn(to: Pipe, length: number, keep: boolean): number {
    let count = 0;
    let handed = 0;
    for (; handed < this.slots.length && count < length && to.room > 0; handed++) {
      const slot = this.slots[handed]!;
      const size = Math.min(slot & ~PACKET, length - count);
      to.slots.push(size | (slot & PACKET));
      count += size;
    }
    const bytes = new Uint8Array(count);
    this.peek(bytes);
    const everything = count === this.filled && !keep;
    if (handed > 0) to.lastEnd = everything ? this.lastEnd : PAGE;
    to.append(bytes);
    if (!keep) this.drop(count);
    return count;
  }

  private append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.grow(this.filled + bytes.length);
    const at = (this.start + this.filled) % this.ring.length;
    const first = Math.min(bytes.length, this.ring.length - at);
    copyBytes(this.ring, at, bytes, 0, first);
    copyBytes(this.ring, 0, bytes, first, bytes.length - first);
    this.filled += bytes.length;
    this.wakeReaders();
  }

  /** F_SETPIPE_SZ: pages, a power of two of them (pipe_set_size). */
  resize(bytes: number, privileged: boolean): Result<number> {
    if (bytes > 0x8000_0000 || bytes < 0) return EINVAL;
    const size = 2 ** Math.ceil(Math.log2(Math.max(bytes, PAGE)));
    if (size > this.capacity && size > PIPE_MAX_SIZE && !privileged) return EPERM;
    if (size < this.slots.length * PAGE) return EBUSY;
    const grown = size > this.capacity;
    this.limit = size / PAGE;
    if (grown) this.wakeWriters();
    return size;
  }

  /**
   * Readiness of the reading end. It has been hung up once writers came after `since`, a count of their opens, and are gone
   * (pipe_poll in fs/pipe.c).
   */
  pollReader(since: number): number {
    const ready = this.filled > 0 ? POLL_READABLE : 0;
    return this.writers === 0 && this.writerOpens !== since ? ready | POLL.HUP : ready;
  }

  /** Readiness of the writing end: a slot is free, which is room for a whole atomic write. */
  pollWriter(): number {
    const ready = this.room > 0 ? POLL_WRITABLE : 0;
    return this.readers === 0 ? ready | POLL.ERR : ready;
  }

  opened(readable: boolean, writable: boolean): void {
    if (readable) {
      this.readers++;
      this.readerOpens++;
    }
    if (writable) {
      this.writers++;
      this.writerOpens++;
    }
    this.wakeAll();
  }

  closed(readable: boolean, writable: boolean): void {
    if (readable) this.readers--;
    if (writable) this.writers--;
    if (this.readers === 0 && this.writers === 0) {
      // A FIFO that nobody has open forgets what was not read.
      this.filled = 0;
      this.start = 0;
      this.slots.length = 0;
      this.limit = DEFAULT_SLOTS;
    }
    this.wakeAll();
  }

  private wakeAll(): void {
    this.wakeReaders();
    this.wakeWriters();
  }

  private wakeReaders(): void {
    this.readable.wake();
    this.either.wake();
  }

  private wakeWriters(): void {
    this.writable.wake();
    this.either.wake();
  }

  /** Makes the ring hold so many bytes, its contents at its start. */
  private grow(needed: number): void {
    if (needed <= this.ring.length) return;
    const larger = new Uint8Array(Math.min(Math.max(needed, 2 * this.ring.length), this.capacity));
    this.peek(larger);
    this.ring = larger;
    this.start = 0;
  }
}
