import { ByteWriter } from "./bytes.ts";
import { MEM, type MemOpName, OP, type OpName, TYPE, type ValueType } from "./opcodes.ts";

/** Two bytes of LEB128 hold every offset within the first 16 KB of memory. */
export const PADDED_OFFSET = 2;

/** The label that a structured instruction opens; {@link CodeBuilder.br} turns it into a relative depth. */
export interface Label {
  readonly depth: number;
}

/** A local variable's index. */
export type Local = number;

/** What a block leaves: nothing, a value, or the results of a function type without parameters, by its index. */
type BlockType = ValueType | "void" | number;

/**
 * Builds one function body: instructions, structured control and locals.
 *
 * Labels are objects rather than relative depths, so that code can be emitted in any nesting without counting.
 */
export class CodeBuilder {
  private readonly body: ByteWriter;
  private readonly localTypes: ValueType[] = [];
  private readonly free = new Map<ValueType, Local[]>();
  private depth = 0;
  /** Where, within the body, a memory offset stands as a padded LEB128 of {@link PADDED_OFFSET} bytes. */
  readonly relocations: number[] = [];

  private readonly parameters: readonly ValueType[];

  /**
   * @param parameters - types of the function's parameters, which are its first locals.
   * @param capacity - bytes of code expected.
   */
  constructor(parameters: readonly ValueType[] = [], capacity = 256) {
    this.parameters = parameters;
    this.body = new ByteWriter(capacity);
  }

  /** Number of bytes emitted so far. */
  get length(): number {
    return this.body.length;
  }

  /** Declares a local that lives as long as the function. */
  local(type: ValueType): Local {
    return this.parameters.length + this.localTypes.push(type) - 1;
  }

  /** Lends a scratch local to `use` and takes it back afterwards. */
  withLocal<T>(type: ValueType, use: (local: Local) => T): T {
    const pool = this.free.get(type) ?? [];
    this.free.set(type, pool);
    const local = pool.pop() ?? this.local(type);
    const result = use(local);
    pool.push(local);
    return result;
  }

  /** Instructions without an immediate. Parameters one by one: this is called so often that an array of them would cost. */
  op(first: OpName, second?: OpName, third?: OpName, fourth?: OpName, fifth?: OpName): this {
    this.opcode(OP[first]);
    if (second !== undefined) this.opcode(OP[second]);
    if (third !== undefined) this.opcode(OP[third]);
    if (fourth !== undefined) this.opcode(OP[fourth]);
    if (fifth !== undefined) this.opcode(OP[fifth]);
    return this;
  }

  i32(value: number): this {
    this.body.byte(0x41).s32(value);
    return this;
  }

  i64(value: bigint | number): this {
    this.body.byte(0x42).s64(value);
    return this;
  }

  f64(value: number): this {
    this.body.byte(0x44).bytes(new Uint8Array(new Float64Array([value]).buffer));
    return this;
  }

  f32(value: number): this {
    this.body.byte(0x43).bytes(new Uint8Array(new Float32Array([value]).buffer));
    return this;
  }

  get(local: Local): this {
    this.body.byteAndU32(0x20, local);
    return this;
  }

  set(local: Local): this {
    this.body.byteAndU32(0x21, local);
    return this;
  }

  tee(local: Local): this {
    this.body.byteAndU32(0x22, local);
    return this;
  }

  /** A load, a store or an atomic access at a constant offset from the address on the stack. Unaligned unless atomic. */
  mem(name: MemOpName, offset = 0): this {
    this.memoryAccess(name).u32(offset);
    return this;
  }

  /** As {@link mem}, but the offset is padded and recorded, so that a copy of the code can serve another hart's slot. */
  memRelocatable(name: MemOpName, offset: number): this {
    const body = this.memoryAccess(name);
    this.relocations.push(body.length);
    body.paddedU32(offset, PADDED_OFFSET);
    return this;
  }

  /** memory.copy: destination, source and length (i32) are on the stack. */
  memoryCopy(): this {
    this.body.byte(0xfc).u32(10).byte(0).byte(0);
    return this;
  }

  /** memory.fill: destination, value and length (i32) are on the stack. */
  memoryFill(): this {
    this.body.byte(0xfc).u32(11).byte(0);
    return this;
  }

  memorySize(): this {
    this.body.byte(0x3f).byte(0);
    return this;
  }

  /** Takes one f64 lane out of a v128. */
  f64x2Lane(lane: number): this {
    this.body.byte(0xfd).u32(33).byte(lane);
    return this;
  }

  /** Takes one f32 lane out of a v128. */
  f32x4Lane(lane: number): this {
    this.body.byte(0xfd).u32(31).byte(lane);
    return this;
  }

  call(functionIndex: number): this {
    this.body.byte(0x10).u32(functionIndex);
    return this;
  }

  callIndirect(typeIndex: number, table = 0): this {
    this.body.byte(0x11).u32(typeIndex).u32(table);
    return this;
  }

  returnCall(functionIndex: number): this {
    this.body.byte(0x12).u32(functionIndex);
    return this;
  }

  returnCallIndirect(typeIndex: number, table = 0): this {
    this.body.byte(0x13).u32(typeIndex).u32(table);
    return this;
  }

  globalGet(index: number): this {
    this.body.byte(0x23).u32(index);
    return this;
  }

  block(type: BlockType, emit: (label: Label) => void): this {
    return this.structured(0x02, type, emit);
  }

  loop(type: BlockType, emit: (label: Label) => void): this {
    return this.structured(0x03, type, emit);
  }

  /** Takes an i32 condition from the stack. */
  if(type: BlockType, then: (label: Label) => void, otherwise?: (label: Label) => void): this {
    return this.structured(0x04, type, (label) => {
      then(label);
      if (otherwise === undefined) return;
      this.body.byte(0x05);
      otherwise(label);
    });
  }

  br(label: Label): this {
    this.body.byteAndU32(0x0c, this.depth - label.depth);
    return this;
  }

  brIf(label: Label): this {
    this.body.byteAndU32(0x0d, this.depth - label.depth);
    return this;
  }

  brTable(labels: readonly Label[], fallback: Label): this {
    this.body.byte(0x0e).u32(labels.length);
    for (const label of labels) this.body.u32(this.depth - label.depth);
    this.body.u32(this.depth - fallback.depth);
    return this;
  }

  /** Opens a block or a loop without a result, which {@link close} ends: for nesting that is too deep for callbacks. */
  open(kind: "block" | "loop"): Label {
    this.body.byte(kind === "block" ? 0x02 : 0x03).byte(0x40);
    this.depth++;
    return { depth: this.depth };
  }

  close(): void {
    this.depth--;
    this.body.byte(0x0b);
  }

  /**
   * Writes the function as a module's code section has it: its size, local declarations, body, end.
   *
   * @returns where the body begins in `out`. Relocations move with it.
   */
  writeTo(out: ByteWriter): number {
    const head = new ByteWriter(16);
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.localTypes) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    head.u32(runs.length);
    for (const { type, count } of runs) head.u32(count).byte(TYPE[type]);
    out.u32(head.length + this.body.length + 1).bytes(head.view());
    const begin = out.length;
    out.bytes(this.body.view()).byte(0x0b);
    return begin;
  }

  private structured(code: number, type: BlockType, emit: (label: Label) => void): this {
    this.body.byte(code);
    if (typeof type === "number") this.body.s32(type);
    else this.body.byte(type === "void" ? 0x40 : TYPE[type]);
    this.depth++;
    emit({ depth: this.depth });
    this.depth--;
    this.body.byte(0x0b);
    return this;
  }

  private memoryAccess(name: MemOpName): ByteWriter {
    const { code, align } = MEM[name];
    if (code < 0x100) return this.body.byteAndU32(code, 0);
    this.opcode(code);
    // An atomic access must state its natural alignment; to any other the alignment is a hint.
    return this.body.u32(code >> 8 === 0xfe ? align : 0);
  }

  private opcode(code: number): void {
    if (code < 0x100) this.body.byte(code);
    else if (code < 0x1_0000) this.body.byte(code >> 8).u32(code & 0xff);
    else this.body.byte(code >> 16).u32(code & 0xffff);
  }
}
