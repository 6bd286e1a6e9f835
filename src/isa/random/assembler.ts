/** Places instructions one after another and patches forward references. */
import { ByteWriter } from "../../base/wasm/bytes.ts";
import { encode } from "../encode.ts";
import type { Fields } from "../fields.ts";
import type { CompressedInstruction, Instruction } from "../instruction.ts";
import { instructionNamed } from "../table.ts";

/** A jump or branch whose target is not known yet. */
export interface Reference {
  readonly at: number;
  readonly row: Instruction;
  readonly fields: Partial<Fields>;
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

  /** Appends an instruction by name. */
  op(name: string, fields: Partial<Fields> = {}): void {
    this.row(instructionNamed(name), fields);
  }

  /** Appends an instruction. */
  row(row: Instruction, fields: Partial<Fields>): void {
    const word = encode(row, fields);
    for (let shift = 0; shift < 32; shift += 8) this.out.byte((word >>> shift) & 0xff);
  }

  /** Appends a 16-bit instruction. */
  short(row: CompressedInstruction, fields: Partial<Fields>): void {
    const word = encode(row, fields);
    this.out.byte(word & 0xff).byte(word >>> 8);
  }

  /** Appends a jump or branch forward, to be told its target by {@link land}. */
  forward(name: string, fields: Partial<Fields> = {}): Reference {
    const reference = { at: this.pc, row: instructionNamed(name), fields };
    this.row(reference.row, { ...fields, imm: 0 });
    return reference;
  }

  /** Makes the next instruction the target of `reference`. */
  land(reference: Reference): void {
    const word = encode(reference.row, { ...reference.fields, imm: this.pc - reference.at });
    for (let i = 0; i < 4; i++) this.out.patch(reference.at - this.base + i, (word >>> (8 * i)) & 0xff);
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
