/**
 * Pre-decoded instructions: how they lie in the arena.
 *
 * Each page of code that runs interpreted has a frame, an array with one record for every two bytes of the page, so that
 * going on, and branching within the page, is an addition to the record's address: no look-up, no tag. The directory
 * finds the frame of a page. The pc is implied: with `bias` = pc - address / 8 kept for the frame, pc = address / 8 + bias.
 *
 * A zeroed record means "not decoded yet". Behind the last record of a frame stand two that lead to the next page,
 * one for an instruction that ends at the page's end and one for an instruction that straddles it.
 */
import type { Instruction } from "../../isa/instruction.ts";
import { COMPRESSED, INSTRUCTIONS } from "../../isa/table.ts";
import { LAYOUT, PAGE_SIZE } from "../../machine/index.ts";

/**
 * Offsets within a record. Registers are u16 addresses of their slots in the hart. What one instruction has and another
 * lacks shares a place.
 */
export const RECORD = {
  /** u16: number of the handler. */
  handler: 0,
  rd: 2,
  rs1: 4,
  rs2: 6,
  /** i32 */
  imm: 8,
  /** i32, branch and jal: distance in bytes to the target's record, or 0 if it is in another page. */
  near: 12,
  /** u32, jalr: where it went the last time, or 0. */
  seen: 12,
  /** u16, multiply-add. */
  rs3: 12,
  /** u16, floating-point. */
  rm: 14,
  /** u16, Zicsr. */
  csr: 12,
  bytes: 16,
} as const;

/** Bytes of records that stand for one byte of code. */
export const SCALE = RECORD.bytes / 2;
export const SCALE_SHIFT = 3;

/** The unit in which the directory counts; a frame is a whole number of them, and odd so that frames spread over cache sets. */
export const FRAME_UNIT_SHIFT = 8;
export const FRAME_BYTES = PAGE_SIZE * SCALE + (1 << FRAME_UNIT_SHIFT);

/** The record at which every run begins: its handler takes the pc from the hart. */
export const START_RECORD = LAYOUT.decodeCache;

/** Addresses of the first frame and the end of the last. */
export const FRAMES_LOW = LAYOUT.decodeCache + (1 << FRAME_UNIT_SHIFT);
export const FRAMES = Math.floor((LAYOUT.heat - FRAMES_LOW) / FRAME_BYTES);

/** Handlers that are no instruction. */
export const HANDLER = { DECODE: 0, START: 1, NEXT_PAGE: 2, ILLEGAL: 3, first: 4 } as const;

/** A piece of the interpreter: an instruction at one of its lengths. */
export interface InstructionHandler {
  readonly row: Instruction;
  readonly length: 2 | 4;
}

/** The handlers of instructions; numbers count from {@link HANDLER}.first. */
export const HANDLERS: readonly InstructionHandler[] = [
  ...INSTRUCTIONS.map((row): InstructionHandler => ({ row, length: 4 })),
  ...INSTRUCTIONS.filter((row) => COMPRESSED.some(({ expansion }) => expansion === row.name)).map(
    (row): InstructionHandler => ({ row, length: 2 }),
  ),
];

const shortHandlers = new Map(
  HANDLERS.flatMap(({ row, length }, i): [number, number][] => (length === 2 ? [[row.number, HANDLER.first + i]] : [])),
);

/** Number of the handler of an instruction. */
export function handlerNumber(row: Instruction, length: 2 | 4): number {
  return length === 4 ? HANDLER.first + row.number : shortHandlers.get(row.number)!;
}
