/** Places instructions one after another and patches forward references. */
import { ByteWriter } from "../../base/wasm/bytes.ts";
import { isCompressed } from "../decode.ts";
import { encode } from "../encode.ts";
import type { Fields } from "../fields.ts";
import type { CompressedInstruction, Instruction } from "../instruction.ts";
import { COMPRESSED, instructionNamed } from "../table.ts";

type Row = Instruction | CompressedInstruction;

/** A jump or branch whose target is not known yet. */
export interface Reference {
  readonly at: number;
  readonly row: Row;
  readonly fields: Partial<Fields>;
}

const shortRows = new Map(COMPRESSED.map((row) => [row.name, row]));

/** Bytes of an instruction word. */
function sizeOf(word: number): number {
  return isCompressed(word) ? 2 : 4;
}

export class Assembler {
  private readonly out = new ByteWriter(1 << 16);
  /** Address of the first byte. */
  readonly base: number;

  constructor(base: number) {
    this.base = base;
  }

  /** Address of the next instruction. */
  get pc(): number {
    return this.base + this.out.length;
  }

  /** Appends an instruction by name, of either size. */
  op(name: string, fields: Partial<Fields> = {}): void {
    this.row(shortRows.get(name) ?? instructionNamed(name), fields);
  }

  /** Appends an instruction. */
  row(row: Row, fields: Partial<Fields>): void {
    const word = encode(row, fields);
    for (let i = 0; i < sizeOf(word); i++) this.out.byte((word >>> (8 * i)) & 0xff);
  }

  /** Appends a jump or branch forward, to be told its target by {@link land}. */
  forward(name: string, fields: Partial<Fields> = {}): Reference {
    const reference = { at: this.pc, row: shortRows.get(name) ?? instructionNamed(name), fields };
    this.row(reference.row, { ...fields, imm: 0 });
    return reference;
  }

  /** Makes the next instruction the target of `reference`. */
  land(reference: Reference): void {
    const word = encode(reference.row, { ...reference.fields, imm: this.pc - reference.at });
    for (let i = 0; i < sizeOf(word); i++) this.out.patch(reference.at - this.base + i, (word >>> (8 * i)) & 0xff);
  }

  /** Loads a 32-bit constant, sign-extended: two instructions. */
  constant(rd: number, value: number): void {
    const low = (value << 20) >> 20;
    this.op("lui", { rd, imm: (value - low) | 0 });
    this.op("addiw", { rd, rs1: rd, imm: low });
  }

  take(): Uint8Array {
    return this.out.take();
  }
}
