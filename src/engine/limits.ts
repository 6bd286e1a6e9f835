/** Pages of 64 KB that a WebAssembly memory of 4 GB has. */
export const MAX_WASM_PAGES = 0x1_0000;
