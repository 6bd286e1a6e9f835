import { EAGAIN, EBUSY, EINVAL, EPERM, EPIPE, type Result } from "../../abi/errno.ts";
import { PIPE_BUF, PIPE_MAX_SIZE } from "../../abi/limits.ts";
import { POLL, POLL_READABLE, POLL_WRITABLE } from "../../abi/poll.ts";
import { WaitQueue } from "../../kernel/wait.ts";

/** Bytes of a pipe that nobody made larger (PIPE_DEF_BUFFERS pages). */
const DEFAULT_SIZE = 65536;
const SMALLEST_SIZE = 4096;

/** Bytes on their way from writers to readers (pipe(7)): a ring that knows who is left at either end. */
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
  private ring = new Uint8Array(SMALLEST_SIZE);
  private start = 0;
  private filled = 0;
  private limit = DEFAULT_SIZE;

  /** Bytes that are there to be read. */
  get length(): number {
    return this.filled;
  }

  /** Bytes that it holds at the most. */
  get capacity(): number {
    return this.limit;
  }

  /** Bytes that it has room for. */
  get room(): number {
    return this.limit - this.filled;
  }

  /** Takes what is there: EAGAIN if that is nothing and somebody may yet write, 0 at the end. */
  read(into: Uint8Array): Result<number> {
    if (into.length === 0) return 0;
    if (this.filled === 0) return this.writers === 0 ? 0 : EAGAIN;
    const count = this.peek(into);
    this.drop(count);
    return count;
  }

  /** Takes bytes out unread. */
  drop(count: number): void {
    this.start = (this.start + count) % this.ring.length;
    this.filled -= count;
    this.wakeWriters();
  }

  /** Copies bytes without taking them (tee(2)). */
  peek(into: Uint8Array): number {
    const count = Math.min(into.length, this.filled);
    const first = Math.min(count, this.ring.length - this.start);
    into.set(this.ring.subarray(this.start, this.start + first));
    into.set(this.ring.subarray(0, count - first), first);
    return count;
  }

  /** Puts bytes in: up to PIPE_BUF of them all or none, of more as many as there is room for. */
  write(from: Uint8Array): Result<number> {
    if (from.length === 0) return 0;
    if (this.readers === 0) return EPIPE;
    const count = Math.min(from.length, this.room);
    if (count === 0 || (count < from.length && from.length <= PIPE_BUF)) return EAGAIN;
    return this.put(from.subarray(0, count));
  }

  /** Puts in as many bytes as there is room for. */
  put(from: Uint8Array): number {
    const count = Math.min(from.length, this.room);
    this.grow(this.filled + count);
    const at = (this.start + this.filled) % this.ring.length;
    const first = Math.min(count, this.ring.length - at);
    this.ring.set(from.subarray(0, first), at);
    this.ring.set(from.subarray(first, count), 0);
    this.filled += count;
    this.wakeReaders();
    return count;
  }

  /** F_SETPIPE_SZ: pages, a power of two of them (pipe_set_size). */
  resize(bytes: number, privileged: boolean): Result<number> {
    if (bytes > 0x8000_0000 || bytes < 0) return EINVAL;
    const size = 2 ** Math.ceil(Math.log2(Math.max(bytes, SMALLEST_SIZE)));
    if (size > this.limit && size > PIPE_MAX_SIZE && !privileged) return EPERM;
    if (size < this.filled) return EBUSY;
    const grown = size > this.limit;
    this.limit = size;
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

  /** Readiness of the writing end: room for a whole atomic write. */
  pollWriter(): number {
    const ready = this.room >= PIPE_BUF ? POLL_WRITABLE : 0;
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
      this.limit = DEFAULT_SIZE;
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
    const larger = new Uint8Array(Math.min(Math.max(needed, 2 * this.ring.length), this.limit));
    this.peek(larger);
    this.ring = larger;
    this.start = 0;
  }
}
