/** A script that is stored packed, and the few lines that unpack and run it. */
import { brotliCompressSync, constants } from "node:zlib";
import { bodyScript } from "./compiled-script.ts";

/** Packs the body of a function as small as can be. */
export function packScript(code: string): Uint8Array {
  const text = Buffer.from(bodyScript(code), "latin1");
  return brotliCompressSync(text, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
    },
  });
}

/** The module that runs a packed script: one that is beside it, or within it in base64. */
export function unpackingModule(packed: { readonly file: string } | { readonly base64: string }): string {
  const bytes =
    "file" in packed
      ? `load("node:fs").readFileSync(new URL(${JSON.stringify(packed.file)},url))`
      : `Buffer.from("${packed.base64}","base64")`;
  return `import{createRequire}from"node:module";
const{url}=import.meta,load=createRequire(url),code=load("node:zlib").brotliDecompressSync(${bytes}).toString("latin1");
let image;
new(load("node:vm").Script)(code,{filename:load("node:url").fileURLToPath(url)+"/kernel.js"}).runInThisContext()(load,url,(made)=>{image=made});
export const{boot}=image;
`;
}
