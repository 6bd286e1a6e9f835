import { ACCESS, type GuestMemory, LAYOUT, PAGE_SIZE } from "../../machine/index.ts";
import { FRAME_BYTES, FRAME_UNIT_SHIFT, FRAMES, FRAMES_LOW, HANDLER, RECORD, SCALE, START_RECORD } from "./record.ts";

/**
 * Keeps the frames that hold the records of record.ts; decoder.ts fills them.
 *
 * What may be executed was checked when a record was made; whoever changes the page table or the code afterwards calls
 * {@link invalidate}.
 */
export class DecodeCache {
  private readonly memory: GuestMemory;
  private readonly clear: (address: number, length: number) => void;
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

  /** Whether the instruction at an address is decoded. */
  has(pc: number): boolean {
    return recordOf(this.memory, pc) !== undefined;
  }

  /** Forgets the instructions that overlap a range of addresses. */
  invalidate(start: number, end: number): void {
    // An instruction that begins two bytes before may reach into the range.
    const from = Math.max(start - 2, 0) & ~1;
    for (const page of this.pagesBetween(from, end)) {
      const low = page * PAGE_SIZE;
      const first = Math.max(from, low);
      const last = Math.min(end, low + PAGE_SIZE);
      this.clear(frameOf(this.memory, page) + (first - low) * SCALE, (last - first) * SCALE);
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
    return Array.from({ length: last - first }, (_, i) => first + i).filter(
      (page) => directory(this.memory, page) !== 0,
    );
  }

  private setDirectory(page: number, entry: number): number {
    this.memory.view.setUint16(LAYOUT.decodeDirectory + page * 2, entry, true);
    return entry;
  }

  private executable(pc: number): boolean {
    return (this.memory.accessAt(pc) & ACCESS.EXEC) !== 0;
  }
}

/** Where the jump through a register at an address went the last time that it was interpreted, as far as that is still known. */
export function seenTarget(memory: GuestMemory, pc: number): number | undefined {
  const record = recordOf(memory, pc);
  return record === undefined ? undefined : memory.view.getUint32(record + RECORD.seen, true) || undefined;
}

/** The address of a decoded instruction's record. */
function recordOf(memory: GuestMemory, pc: number): number | undefined {
  const page = pc >>> 12;
  if (directory(memory, page) === 0) return undefined;
  const record = frameOf(memory, page) + (pc % PAGE_SIZE) * SCALE;
  return memory.view.getUint16(record + RECORD.handler, true) === 0 ? undefined : record;
}

function directory({ view }: GuestMemory, page: number): number {
  return view.getUint16(LAYOUT.decodeDirectory + page * 2, true);
}

function frameOf(memory: GuestMemory, page: number): number {
  return LAYOUT.arenaLow + (directory(memory, page) << FRAME_UNIT_SHIFT);
}
