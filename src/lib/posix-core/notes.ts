/** The notes of a core file: who ended, why, and the registers of all threads (fill_note_info in fs/binfmt_elf.c). */
import { elfFpregset, elfPrpsinfo, elfPrstatus, NT } from "../../abi/riscv64/core.ts";
import { type SigInfo, siginfo } from "../../abi/riscv64/siginfo.ts";
import type { Timeval } from "../../abi/riscv64/time.ts";
import { NSEC_PER_USEC } from "../../abi/time.ts";
import { type ByteString, bytesOf } from "../../base/bytes.ts";
import type { Layout } from "../../base/struct.ts";
import { type HartContext, saveContext } from "../../kernel/hart-context.ts";
import type { Vma } from "../../kernel/mm/mapping.ts";
import type { Process } from "../../kernel/process.ts";
import type { Task } from "../../kernel/task.ts";
import { HART } from "../../machine/hart.ts";
import { PAGE_SIZE } from "../../machine/memory.ts";
import { childUsage, jobControlOf, parentPid } from "../posix-process/index.ts";
import { pendingOf, signalMask } from "../posix-signal/index.ts";
import { credentialsOf } from "../posix-user/index.ts";

const NAME = bytesOf("CORE\0" as ByteString);
const WORD = 4;
const COMMAND_LINE_BYTES = 80;
const NAME_BYTES = 16;

/** All notes of a process, one behind the other: the thread that the signal came to is the first. */
export function notes(task: Task, info: SigInfo): Uint8Array {
  const { process } = task;
  const others = [...process.tasks].filter((other) => other !== task);
  return concatenate([
    note(NT.PRSTATUS, encode(elfPrstatus, threadStatus(task, info))),
    note(NT.PRPSINFO, encode(elfPrpsinfo, processFacts(process))),
    note(NT.SIGINFO, encode(siginfo, info)),
    note(NT.AUXV, process.mm.regions.auxv),
    note(NT.FILE, fileTable([...process.mm.areas()])),
    note(NT.PRFPREG, encode(elfFpregset, floats(registersOf(task)))),
    ...others.flatMap((other) => [
      note(NT.PRSTATUS, encode(elfPrstatus, threadStatus(other, info))),
      note(NT.PRFPREG, encode(elfFpregset, floats(registersOf(other)))),
    ]),
  ]);
}

/** The registers of a thread: of the current one they are in page 0. */
function registersOf(task: Task): DataView {
  let context: HartContext = task.registers;
  if (task === task.kernel.current) {
    context = new Uint8Array(context.length);
    saveContext(task.mm.memory, context);
  }
  return new DataView(context.buffer);
}

function threadStatus(task: Task, { signo, code }: SigInfo) {
  const { process } = task;
  const { pgid, sid } = jobControlOf(process);
  const registers = registersOf(task);
  const { own } = pendingOf(task);
  return {
    signo,
    code,
    errno: 0,
    cursig: signo,
    sigpend: wordOf(own),
    sighold: wordOf(signalMask(task)),
    pid: task.tid,
    ppid: parentPid(process),
    pgrp: pgid,
    sid,
    utime: timevalOf(task.cpuNs),
    stime: timevalOf(0),
    cutime: timevalOf(process.get(childUsage).cpuNs),
    cstime: timevalOf(0),
    registers: [
      registers.getBigUint64(HART.pc - HART.x, true),
      ...Array.from({ length: 31 }, (_, i) => registers.getBigUint64(8 * (i + 1), true)),
    ],
    fpvalid: 1,
  };
}

function floats(registers: DataView): readonly bigint[] {
  const fcsr = registers.getUint32(HART.fflags - HART.x, true) | (registers.getUint32(HART.frm - HART.x, true) << 5);
  return [...Array.from({ length: 32 }, (_, i) => registers.getBigUint64(HART.f - HART.x + 8 * i, true)), BigInt(fcsr)];
}

function processFacts(process: Process) {
  const { pgid, sid } = jobControlOf(process);
  const { uid, gid } = credentialsOf(process);
  const { argStart, argEnd } = process.mm.regions;
  const args = process.mm.read(argStart, Math.min(argEnd - argStart, COMMAND_LINE_BYTES - 1));
  const line = args instanceof Uint8Array ? args.map((byte) => (byte === 0 ? SPACE : byte)) : [];
  return {
    state: 0,
    sname: RUNNING,
    zombie: 0,
    nice: 0,
    flag: 0n,
    uid,
    gid,
    pid: process.pid,
    ppid: parentPid(process),
    pgrp: pgid,
    sid,
    fname: padded(bytesOf(process.name), NAME_BYTES),
    psargs: padded(line, COMMAND_LINE_BYTES),
  };
}

const SPACE = 0x20;
const RUNNING = 0x52;

/** Whether a mapping is no file's: the vDSO, which is dumped whole. */
export const isKernels = (name: string): boolean => name.startsWith("[");

/** NT_FILE: which pages of which files are mapped where. Names follow the table. */
function fileTable(areas: readonly Vma[]): Uint8Array {
  const mapped = areas.flatMap(({ start, end, offset, file }) =>
    file === undefined || isKernels(file.name) ? [] : [{ start, end, offset, file }],
  );
  const words = [
    mapped.length,
    PAGE_SIZE,
    ...mapped.flatMap(({ start, end, offset }) => [start, end, offset / PAGE_SIZE]),
  ];
  const table = new BigUint64Array(words.map(BigInt));
  return concatenate([
    new Uint8Array(table.buffer),
    ...mapped.map(({ file }) => bytesOf(`${file.name}\0` as ByteString)),
  ]);
}

/** An ELF note: sizes, type, name and content, each padded to words. */
function note(type: number, content: Uint8Array): Uint8Array {
  const head = new Uint32Array([NAME.length, content.length, type]);
  return concatenate([new Uint8Array(head.buffer), toWords(NAME), toWords(content)]);
}

function toWords(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / WORD) * WORD);
  whole.set(bytes);
  return whole;
}

function encode<T>(layout: Layout<T>, value: T): Uint8Array {
  const bytes = new Uint8Array(layout.size);
  layout.write(new DataView(bytes.buffer), 0, value);
  return bytes;
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function padded(bytes: ArrayLike<number>, length: number): number[] {
  return Array.from({ length }, (_, i) => bytes[i] ?? 0);
}

const wordOf = ({ low, high }: { readonly low: number; readonly high: number }): bigint =>
  (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

function timevalOf(ns: number): Timeval {
  const microseconds = Math.floor(ns / NSEC_PER_USEC);
  return { seconds: Math.floor(microseconds / 1e6), microseconds: microseconds % 1e6 };
}
