import { type Decoded, decodeInto, emptyDecoded, isCompressed } from "../../isa/decode.ts";
import type { RegisterFile } from "../../isa/fields.ts";
import { ACCESS, EXIT, type ExitReason, type GuestMemory, HART, LAYOUT, PAGE_SIZE } from "../../machine/index.ts";
import { writeLong } from "../counters.ts";
import {
  FRAME_BYTES,
  FRAME_UNIT_SHIFT,
  FRAMES,
  FRAMES_LOW,
  HANDLER,
  handlerNumber,
  RECORD,
  SCALE,
  START_RECORD,
} from "./record.ts";

/** As many instructions as are decoded at once, while control runs straight on. */
const RUN = 32;

const PAGE_MASK = PAGE_SIZE - 1;

/**
 * Fills the records of record.ts.
 *
 * What may be executed was checked when a record was made; whoever changes the page table or the code afterwards calls
 * {@link invalidate}.
 */
export class DecodeCache {
  private readonly memory: GuestMemory;
  private readonly clear: (address: number, length: number) => void;
  private readonly decoded: Decoded = emptyDecoded();
  /** Pages that have a frame, in the order of the frames. */
  private readonly pages: number[] = [];
  /** Frames below this index have been used before, and may hold old records. */
  private soiled = 0;

  /** @param clear - sets a range of memory to zero. */
  constructor(memory: GuestMemory, clear: (address: number, length: number) => void) {
    this.memory = memory;
    this.clear = clear;
    memory.u32[START_RECORD >>> 2] = HANDLER.START;
  }

  /**
   * Gives the page of a code address a frame.
   *
   * @returns the directory's new entry, or 0 if the page is not executable.
   */
  addFrame(pc: number): number {
    if (!this.executable(pc)) return 0;
    if (this.pages.length === FRAMES) this.flush();
    const page = pc >>> 12;
    const index = this.pages.push(page) - 1;
    const frame = FRAMES_LOW + index * FRAME_BYTES;
    if (index < this.soiled) this.clear(frame, FRAME_BYTES);
    else this.soiled = index + 1;
    const end = (frame + PAGE_SIZE * SCALE) >>> 2;
    this.memory.u32[end] = HANDLER.NEXT_PAGE;
    this.memory.u32[end + RECORD.bytes / 4] = HANDLER.NEXT_PAGE;
    return this.setDirectory(page, (frame - LAYOUT.arenaLow) >>> FRAME_UNIT_SHIFT);
  }

  /**
   * Decodes the instruction at `pc` into its record, and those that follow it while control must run straight on.
   *
   * @returns 0, or EXIT.FETCH_FAULT if a page that holds some of the instruction is not executable.
   */
  decode(record: number, pc: number): 0 | ExitReason {
    const { memory, decoded } = this;
    let at = pc;
    for (let left = RUN; left > 0; left--) {
      const word = this.fetch(at);
      if (word === undefined) return at === pc ? this.refuse(pc) : 0;
      const here = record + (at - pc) * SCALE;
      if (!decodeInto(word, decoded)) {
        memory.u32[here >>> 2] = HANDLER.ILLEGAL;
        return 0;
      }
      this.write(here, at);
      at += decoded.length;
      if (endsRun(decoded) || ((at ^ pc) & ~PAGE_MASK) !== 0) return 0;
    }
    return 0;
  }

  /** Forgets the instructions that overlap a range of addresses. */
  invalidate(start: number, end: number): void {
    // An instruction that begins two bytes before may reach into the range.
    const from = Math.max(start - 2, 0) & ~1;
    for (const page of this.pagesBetween(from, end)) {
      const low = page * PAGE_SIZE;
      const first = Math.max(from, low);
      const last = Math.min(end, low + PAGE_SIZE);
      this.clear(this.frameOf(page) + (first - low) * SCALE, (last - first) * SCALE);
    }
  }

  /** Forgets everything. */
  flush(): void {
    for (const page of this.pages) this.setDirectory(page, 0);
    this.pages.length = 0;
  }

  /** Pages with a frame that overlap a range; walks the shorter of the range and the frames. */
  private pagesBetween(start: number, end: number): number[] {
    const first = start >>> 12;
    const last = Math.ceil(end / PAGE_SIZE);
    if (last - first > this.pages.length) return this.pages.filter((page) => page >= first && page < last);
    return Array.from({ length: last - first }, (_, i) => first + i).filter((page) => this.directory(page) !== 0);
  }

  private directory(page: number): number {
    return this.memory.view.getUint16(LAYOUT.decodeDirectory + page * 2, true);
  }

  private setDirectory(page: number, entry: number): number {
    this.memory.view.setUint16(LAYOUT.decodeDirectory + page * 2, entry, true);
    return entry;
  }

  private frameOf(page: number): number {
    return LAYOUT.arenaLow + (this.directory(page) << FRAME_UNIT_SHIFT);
  }

  /** The instruction word at `pc`; undefined if some of it is in a page that is not executable. */
  private fetch(pc: number): number | undefined {
    const { view } = this.memory;
    if (!this.executable(pc)) return undefined;
    const low = view.getUint16(pc, true);
    if (isCompressed(low)) return low;
    if ((pc & PAGE_MASK) === PAGE_MASK - 1 && !this.executable(pc + 2)) return undefined;
    return low | (view.getUint16(pc + 2, true) << 16);
  }

  private executable(pc: number): boolean {
    return (this.memory.accessAt(pc) & ACCESS.EXEC) !== 0;
  }

  /** Reports the first byte of the instruction that may not be fetched. */
  private refuse(pc: number): ExitReason {
    writeLong(this.memory, HART.faultAddress, this.executable(pc) ? (pc & ~PAGE_MASK) + PAGE_SIZE : pc);
    return EXIT.FETCH_FAULT;
  }

  private write(record: number, pc: number): void {
    const { op, length, rd, rs1, rs2, imm } = this.decoded;
    const { files } = op;
    const { u32 } = this.memory;
    const word = record >>> 2;
    u32[word + 1] = slot(files.rs1, rs1) | (slot(files.rs2, rs2) << 16);
    u32[word + 2] = imm;
    u32[word + 3] = this.extra(pc);
    // Last, so that another hart that shares the cache would see a whole record.
    u32[word] = handlerNumber(op, length) | (destination(files.rd, rd) << 16);
  }

  /** The last word of the record. */
  private extra(pc: number): number {
    const { op, imm, rs3, rm, csr } = this.decoded;
    switch (op.kind) {
      case "branch":
      case "jal":
        return ((pc + imm) ^ pc) >>> 12 === 0 ? imm * SCALE : 0;
      case "csr":
        return csr;
      default:
        return slot(op.files.rs3, rs3) | (rm << 16);
    }
  }
}

/** Address of a register's slot. */
function slot(file: RegisterFile | undefined, register: number): number {
  return (file === "f" ? HART.f : HART.x) + register * 8;
}

function destination(file: RegisterFile | undefined, register: number): number {
  return file !== "f" && register === 0 ? HART.sink : slot(file, register);
}

/** Whether something else than the next instruction may follow, so that it may never be needed. */
function endsRun({ op: { kind } }: Decoded): boolean {
  return kind === "branch" || kind === "jal" || kind === "jalr" || kind === "ebreak" || kind === "fence.i";
}
