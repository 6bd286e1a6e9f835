export * from "./csr.ts";
export * from "./decode.ts";
export * from "./disassemble.ts";
export * from "./emitter.ts";
export * from "./encode.ts";
export { type Fields, type OperandName, ROUNDING } from "./fields.ts";
export type { CompressedInstruction, Extension, Instruction, Kind, Lower } from "./instruction.ts";
export * from "./registers.ts";
export * from "./table.ts";
