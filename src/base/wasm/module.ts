import { ByteWriter } from "./bytes.ts";
import type { CodeBuilder } from "./code.ts";
import { TYPE, type ValueType } from "./opcodes.ts";

/** What a function's size and locals usually take. */
const HEAD_BYTES = 32;

interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

interface DefinedFunction {
  readonly type: number;
  readonly name: string;
  code: CodeBuilder | undefined;
}

/** A finished module and where its relocatable offsets stand in it. */
export interface EncodedModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly relocations: readonly number[];
}

/**
 * Assembles one WebAssembly module.
 *
 * Imports come before the first {@link define}, because imported functions take the first indices of the index space.
 */
export class ModuleBuilder {
  private readonly types: FunctionType[] = [];
  private readonly imports = new ByteWriter();
  private importCount = 0;
  private importedFunctions = 0;
  private readonly importedNames: string[] = [];
  private readonly functions: DefinedFunction[] = [];
  private readonly exports = new ByteWriter();
  private exportCount = 0;
  private readonly elements: {
    readonly offset: { readonly constant: number } | { readonly global: number };
    readonly functions: readonly number[];
  }[] = [];

  /** Index of a function type; equal types share one. */
  type(parameters: readonly ValueType[], results: readonly ValueType[]): number {
    const wanted = `${parameters}>${results}`;
    const known = this.types.findIndex((t) => `${t.parameters}>${t.results}` === wanted);
    return known >= 0 ? known : this.types.push({ parameters, results }) - 1;
  }

  /** Imports a function and returns its index. */
  importFunction(module: string, name: string, type: number): number {
    if (this.functions.length > 0) throw new Error("imports come before definitions");
    this.imports.name(module).name(name).byte(0).u32(type);
    this.importCount++;
    this.importedNames.push(name);
    return this.importedFunctions++;
  }

  /** Imports a shared memory; sizes in 64 KB pages. */
  importMemory(module: string, name: string, minimum: number, maximum: number): void {
    this.imports.name(module).name(name).byte(2).byte(3).u32(minimum).u32(maximum);
    this.importCount++;
  }

  importTable(module: string, name: string, minimum: number): void {
    this.imports.name(module).name(name).byte(1).byte(0x70).byte(0).u32(minimum);
    this.importCount++;
  }

  importGlobal(module: string, name: string, type: ValueType): void {
    this.imports.name(module).name(name).byte(3).byte(TYPE[type]).byte(0);
    this.importCount++;
  }

  /** Reserves a function's index, so that code may call it before it is built. */
  define(type: number, name: string): number {
    return this.importedFunctions + this.functions.push({ type, name, code: undefined }) - 1;
  }

  /** Gives a defined function its body. */
  body(index: number, code: CodeBuilder): void {
    this.functions[index - this.importedFunctions]!.code = code;
  }

  exportFunction(name: string, index: number): void {
    this.exports.name(name).byte(0).u32(index);
    this.exportCount++;
  }

  /** Writes functions into the imported table from a constant offset when the module is instantiated. */
  element(offset: number, functions: readonly number[]): void {
    this.elements.push({ offset: { constant: offset }, functions });
  }

  /** As {@link element}, from the offset that an imported global holds. */
  elementAt(global: number, functions: readonly number[]): void {
    this.elements.push({ offset: { global }, functions });
  }

  encode(): EncodedModule {
    const out = new ByteWriter(4096).bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    section(out, 1, vector(this.types, encodeType));
    section(out, 2, new ByteWriter().u32(this.importCount).bytes(this.imports.view()));
    section(
      out,
      3,
      vector(this.functions, (w, f) => w.u32(f.type)),
    );
    section(out, 7, new ByteWriter().u32(this.exportCount).bytes(this.exports.view()));
    if (this.elements.length > 0) {
      section(
        out,
        9,
        vector(this.elements, (w, { offset, functions }) => {
          w.u32(0);
          if ("global" in offset) w.byte(0x23).u32(offset.global);
          else w.byte(0x41).s32(offset.constant);
          w.byte(0x0b).u32(functions.length);
          for (const index of functions) w.u32(index);
        }),
      );
    }
    const relocations = this.encodeCode(out);
    section(out, 0, this.names());
    return { bytes: out.take(), relocations };
  }

  private encodeCode(out: ByteWriter): number[] {
    const size = this.functions.reduce((sum, { code }) => sum + (code?.length ?? 0) + HEAD_BYTES, HEAD_BYTES);
    const code = new ByteWriter(size).u32(this.functions.length);
    const inSection: number[] = [];
    for (const { code: builder, name } of this.functions) {
      if (builder === undefined) throw new Error(`function ${name} has no body`);
      const begin = builder.writeTo(code);
      for (const at of builder.relocations) inSection.push(begin + at);
    }
    section(out, 10, code);
    const start = out.length - code.length;
    return inSection.map((at) => start + at);
  }

  /** The name section (core specification appendix, "Custom Sections"): what profilers and traps show. */
  private names(): ByteWriter {
    const all = [...this.importedNames, ...this.functions.map((f) => f.name)];
    const names = new ByteWriter().u32(all.length);
    for (const [index, name] of all.entries()) names.u32(index).name(name);
    return new ByteWriter().name("name").byte(1).sized(names);
  }
}

function encodeType(w: ByteWriter, { parameters, results }: FunctionType): void {
  w.byte(0x60).u32(parameters.length);
  for (const t of parameters) w.byte(TYPE[t]);
  w.u32(results.length);
  for (const t of results) w.byte(TYPE[t]);
}

function vector<T>(items: readonly T[], encode: (w: ByteWriter, item: T) => void): ByteWriter {
  const w = new ByteWriter().u32(items.length);
  for (const item of items) encode(w, item);
  return w;
}

function section(out: ByteWriter, id: number, body: ByteWriter): void {
  out.byte(id).sized(body);
}
