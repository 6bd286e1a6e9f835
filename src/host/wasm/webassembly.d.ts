/** The part of the WebAssembly JavaScript interface that hosts use; TypeScript declares it only together with the DOM. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: true });
    readonly buffer: SharedArrayBuffer;
    grow(pages: number): number;
  }
  class Table {
    constructor(descriptor: { element: "anyfunc"; initial: number });
    get(index: number): (() => void) | null;
    grow(count: number, value: (() => void) | null): number;
    grow(count: number, value: (() => void) | null): number;
    set(index: number, value: (() => void) | null): void;
  }
  class RuntimeError extends Error {}
  type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  function validate(bytes: Uint8Array<ArrayBuffer>): boolean;
}
