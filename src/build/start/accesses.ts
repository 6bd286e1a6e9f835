/** What system calls read and write of a program's memory. */
import { Errno } from "../../abi/errno.ts";
import type { RecordedBytes } from "../../engine/replay/start-record.ts";
import type { AddressSpace } from "../../kernel/mm/address-space.ts";
import type { UserMemory } from "../../kernel/user-memory.ts";

export interface Range {
  readonly at: number;
  readonly length: number;
}

const WORD = 4;
const LONG = 8;

/** Notes every access through an address space, until it is told to {@link stop}. */
export class Accesses {
  /** What was read, as it was then. */
  reads: RecordedBytes[] = [];
  private writes: Range[] = [];
  /** Room that was lent to be written to: how much of it is, the call's result says. */
  private lent: Range[] = [];
  private readonly memory: AddressSpace;

  constructor(memory: AddressSpace) {
    this.memory = memory;
    Object.assign(memory, this.noting(memory));
  }

  /** Forgets what was noted. */
  clear(): void {
    this.reads = [];
    this.writes = [];
    this.lent = [];
  }

  /** What a call with this result has written. */
  written(result: number): readonly Range[] {
    let left = Math.max(0, result);
    const filled = this.lent.map(({ at, length }) => {
      const count = Math.min(length, left);
      left -= count;
      return { at, length: count };
    });
    return [...this.writes, ...filled].filter(({ length }) => length > 0);
  }

  /** Gives the address space its own methods back. */
  stop(): void {
    for (const name of Object.keys(this.noting(this.memory)))
      delete (this.memory as Partial<UserMemory>)[name as keyof UserMemory];
  }

  private reading(at: number, length: number): void {
    this.reads.push({ at, bytes: this.memory.memory.u8.slice(at, at + length) });
  }

  /** The methods of an address space, such that they note what they do. */
  private noting(memory: AddressSpace): UserMemory {
    const plain: UserMemory = Object.getPrototypeOf(memory) as UserMemory;
    const reading = (at: number, length: number): void => this.reading(at, length);
    const writing = (at: number, length: number): void => void this.writes.push({ at, length });
    return {
      read(at, length) {
        reading(at, length);
        return plain.read.call(memory, at, length);
      },
      write(at, bytes) {
        writing(at, bytes.length);
        return plain.write.call(memory, at, bytes);
      },
      window: (at, length, access) => {
        if (access === "read") reading(at, length);
        else this.lent.push({ at, length });
        return plain.window.call(memory, at, length, access);
      },
      readU32(at) {
        reading(at, WORD);
        return plain.readU32.call(memory, at);
      },
      writeU32(at, value) {
        writing(at, WORD);
        return plain.writeU32.call(memory, at, value);
      },
      readU64(at) {
        reading(at, LONG);
        return plain.readU64.call(memory, at);
      },
      writeU64(at, value) {
        writing(at, LONG);
        return plain.writeU64.call(memory, at, value);
      },
      readCString(at, maximum) {
        const text = plain.readCString.call(memory, at, maximum);
        if (!(text instanceof Errno)) reading(at, text.length + 1);
        return text;
      },
      readStruct(at, layout) {
        reading(at, layout.size);
        return plain.readStruct.call(memory, at, layout) as never;
      },
      writeStruct(at, layout, value) {
        writing(at, layout.size);
        return plain.writeStruct.call(memory, at, layout as never, value as never);
      },
    };
  }
}
