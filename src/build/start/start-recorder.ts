/** Records a program's start, up to the first system call that others could notice. */
import { ENOSYS, Errno, type Result } from "../../abi/errno.ts";
import { statLayout, statxLayout } from "../../abi/riscv64/stat.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { CALL_REGISTERS, hashOf, type RecordedCall, type StartRecord } from "../../engine/replay/start-record.ts";
import { onSyscall } from "../../kernel/hooks.ts";
import { defineLibrary, type Library } from "../../kernel/library.ts";
import type { Task } from "../../kernel/task.ts";
import { HART } from "../../machine/hart.ts";
import { Accesses, type Range } from "./accesses.ts";
import { type Pages, pagesOf } from "./pages.ts";
import { isFresh, isRepeatable } from "./repeatable.ts";

/** A record whose memory is whole yet: what of it calls leave is known once they were made again. */
export interface WholeStart extends Omit<StartRecord, "memory"> {
  readonly pages: Pages;
}

const A0 = 10;
const ECALL_BYTES = 4;
const PATH_MAX = 4096;

export class StartRecorder {
  /** Watches the first process of a machine: to be listed in it. */
  readonly library: Library;
  /** The start, once it has come to its end; undefined too if it slept before. */
  start: WholeStart | undefined;
  private readonly calls: RecordedCall[] = [];
  private accesses: Accesses | undefined;
  /** Registers of the call that is being made. */
  private pending: readonly number[] | undefined;
  private ended = false;

  constructor() {
    this.library = defineLibrary({
      name: "start-recorder",
      summary: "records what a program does before it reaches outside",
      extends: [
        onSyscall.with({
          enter: (task, { name }) => this.enter(task, name),
          leave: (task, { name }, _args, answer) => this.leave(task, name, answer),
          unknown: (task, _number, name) => {
            this.enter(task, name ?? "", true);
            this.leave(task, name ?? "", ENOSYS);
          },
        }),
      ],
    });
  }

  private enter(task: Task, name: string, isUnknown = false): void {
    if (this.ended) return;
    const { i32 } = task.mm.memory;
    const word = (register: number): number => i32[HART.x / 4 + 2 * register]!;
    const path = name === "openat" ? task.mm.readCString(word(A0 + 1) as GuestPtr, PATH_MAX) : undefined;
    const [first, second, third] = [word(A0), word(A0 + 1), word(A0 + 2)];
    const made = { name, first, second, third, path: path instanceof Errno ? undefined : path };
    this.accesses ??= new Accesses(task.mm);
    if (this.pending !== undefined || !(isUnknown || isRepeatable(made))) {
      this.end(task);
      return;
    }
    this.accesses.clear();
    this.pending = CALL_REGISTERS.flatMap((register) => {
      const at = HART.x / 4 + 2 * register;
      return [i32[at]!, i32[at + 1]!];
    });
  }

  private leave(task: Task, name: string, answer: Result<number>): void {
    if (this.ended || this.pending === undefined) return;
    const value = answer instanceof Errno ? -answer.code : answer;
    const { reads } = this.accesses!;
    const outputs = isFresh(name) ? [] : this.accesses!.written(value).flatMap((range) => withoutTimes(name, range));
    const { u8 } = task.mm.memory;
    this.calls.push({
      registers: this.pending,
      inputs: reads,
      result: [value | 0, Math.floor(value / 0x1_0000_0000)],
      outputs: outputs.map(({ at, length }) => ({ at, length, hash: hashOf(u8.subarray(at, at + length)) })),
    });
    this.pending = undefined;
  }

  private end(task: Task): void {
    this.ended = true;
    this.accesses?.stop();
    // A call that slept changed what nobody has recorded.
    if (this.pending !== undefined) return;
    const { memory, space } = task.mm;
    const hart = new Uint8Array(memory.registers);
    const pc = new DataView(hart.buffer);
    pc.setUint32(HART.pc - HART.x, memory.u32[HART.pc / 4]! - ECALL_BYTES, true);
    this.start = { calls: this.calls, hart, fflags: space.options.fflags, pages: pagesOf(space) };
  }
}

/** Struct stat and struct statx have times of files that were made when the machine started. */
function withoutTimes(name: string, { at, length }: Range): readonly Range[] {
  if ((name === "fstat" || name === "newfstatat") && length === statLayout.size)
    return [{ at, length: statLayout.offsets.atime }];
  if (name !== "statx" || length !== statxLayout.size) return [{ at, length }];
  const { atime, rdevMajor } = statxLayout.offsets;
  return [
    { at, length: atime },
    { at: at + rdevMajor, length: length - rdevMajor },
  ];
}
