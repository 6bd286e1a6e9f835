/** A core file: what a debugger needs of a process that ended (core(5); elf_core_dump in fs/binfmt_elf.c). */
import { EI, ELFCLASS, ELFDATA, EM_RISCV, ET, EV_CURRENT, elfHeader, PF, PT, programHeader } from "../../abi/elf.ts";
import { PROT } from "../../abi/mman.ts";
import type { SigInfo } from "../../abi/riscv64/siginfo.ts";
import type { GuestPtr } from "../../abi/types.ts";
import type { AddressSpace } from "../../kernel/mm/address-space.ts";
import type { Vma } from "../../kernel/mm/mapping.ts";
import type { Task } from "../../kernel/task.ts";
import { PAGE_SIZE } from "../../machine/memory.ts";
import { isKernels, notes } from "./notes.ts";

/** Takes bytes for a place in the file; false if it takes no more. What is between is zero. */
export type CoreSink = (at: number, bytes: Uint8Array) => boolean;

/** A mapping, and how many bytes of it the file holds, at which offset. */
interface Segment {
  readonly area: Vma;
  readonly bytes: number;
  readonly offset: number;
}

/** The compressed instructions and double-precision calls that the program may use (e_flags). */
const FLAGS = 0x5;

/** Writes the core of a task's process, up to `limit` bytes. Answers the size of the file. */
export function writeCore(task: Task, info: SigInfo, limit: number, write: CoreSink): number {
  const { mm } = task;
  const areas = [...mm.areas()];
  const noteBytes = notes(task, info);
  const notesAt = elfHeader.size + (areas.length + 1) * programHeader.size;
  const segments = place(mm, areas, notesAt + noteBytes.length);
  const last = segments.at(-1);
  const size = Math.min(limit, last === undefined ? notesAt + noteBytes.length : last.offset + last.bytes);
  const put: CoreSink = (at, bytes) => at < size && write(at, bytes.subarray(0, size - at));
  if (!put(0, headers(segments, notesAt, noteBytes.length)) || !put(notesAt, noteBytes)) return 0;
  for (const segment of segments) if (!putSegment(mm, segment, put)) break;
  return size;
}

function place(mm: AddressSpace, areas: readonly Vma[], from: number): readonly Segment[] {
  let end = Math.ceil(from / PAGE_SIZE) * PAGE_SIZE;
  return areas.map((area) => {
    const bytes = sizeOf(mm, area);
    const offset = end;
    end += bytes;
    return { area, bytes, offset };
  });
}

/**
 * How much of a mapping is dumped: memory of the process's own, and of programs and libraries the first page, by which a
 * debugger finds the file. (vma_dump_size with the default coredump_filter)
 */
function sizeOf(mm: AddressSpace, { start, end, prot, shared, file, offset, notDumped }: Vma): number {
  if (notDumped || (prot & PROT.READ) === 0) return 0;
  if (file === undefined || isKernels(file.name) || (!shared && (prot & PROT.EXEC) === 0)) return end - start;
  const magic = offset === 0 && !shared ? mm.readU32(start as GuestPtr) : 0;
  return magic === ELF_MAGIC ? PAGE_SIZE : 0;
}

const ELF_MAGIC = 0x464c_457f;

function headers(segments: readonly Segment[], notesAt: number, noteBytes: number): Uint8Array {
  const bytes = new Uint8Array(notesAt);
  const view = new DataView(bytes.buffer);
  const ident = new Array<number>(EI.NIDENT).fill(0);
  ident.splice(0, 4, 0x7f, 0x45, 0x4c, 0x46);
  ident[EI.CLASS] = ELFCLASS.CLASS64;
  ident[EI.DATA] = ELFDATA.LSB;
  ident[EI.VERSION] = EV_CURRENT;
  elfHeader.write(view, 0, {
    ident,
    type: ET.CORE,
    machine: EM_RISCV,
    version: EV_CURRENT,
    entry: 0,
    phoff: elfHeader.size,
    shoff: 0,
    flags: FLAGS,
    ehsize: elfHeader.size,
    phentsize: programHeader.size,
    phnum: segments.length + 1,
    shentsize: 0,
    shnum: 0,
    shstrndx: 0,
  });
  const table = [
    { type: PT.NOTE, flags: 0, offset: notesAt, vaddr: 0, paddr: 0, filesz: noteBytes, memsz: 0, align: 4 },
    ...segments.map(({ area: { start, end, prot }, bytes: filesz, offset }) => ({
      type: PT.LOAD,
      flags: flagsOf(prot),
      offset,
      vaddr: start,
      paddr: 0,
      filesz,
      memsz: end - start,
      align: PAGE_SIZE,
    })),
  ];
  for (const [i, header] of table.entries()) programHeader.write(view, elfHeader.size + i * programHeader.size, header);
  return bytes;
}

function flagsOf(prot: number): number {
  return (prot & PROT.READ ? PF.R : 0) | (prot & PROT.WRITE ? PF.W : 0) | (prot & PROT.EXEC ? PF.X : 0);
}

/** Writes a mapping's pages. Those that hold nothing but zeros stay holes. */
function putSegment(mm: AddressSpace, { area, bytes, offset }: Segment, put: CoreSink): boolean {
  for (let at = 0; at < bytes; at += PAGE_SIZE) {
    const page = mm.read((area.start + at) as GuestPtr, PAGE_SIZE);
    if (!(page instanceof Uint8Array) || page.every((byte) => byte === 0)) continue;
    if (!put(offset + at, page)) return false;
  }
  return true;
}
