/** A script beside the module that runs it, which keeps what V8 compiled of it for the next start. */
import { createHash } from "node:crypto";
import { BODY_PARAMETERS } from "../bundle/entry-source.ts";

/** Makes a script of the body of a function; it is a string of bytes. */
export function bodyScript(code: string): string {
  return `(${BODY_PARAMETERS.join()})=>{"use strict";${code}}`;
}

/**
 * The module that runs a script which is beside it. To read and compile half a megabyte takes a start 30 ms: so what V8 has
 * compiled when the first start ends is kept in the user's cache, by the script's digest, because V8 compares only lengths.
 * V8 refuses code that was made under other flags than its own, whose hash is the fourth word. A start sets one and a long run
 * more (`host/node/code-compiler.ts`): only if they are again as they were in the beginning is anything kept.
 */
export function compilingModule(file: string, script: string): string {
  const digest = createHash("sha256").update(script, "latin1").digest("hex").slice(0, 32);
  return `import{createRequire}from"node:module";
const{url}=import.meta,load=createRequire(url),fs=load("node:fs"),{env,pid,versions,arch}=process;
const place=new URL(${JSON.stringify(file)},url),code=fs.readFileSync(place,"latin1");
const cache=env.XDG_CACHE_HOME?.startsWith("/")?env.XDG_CACHE_HOME:(env.HOME||"/dev/null")+"/.cache";
const folder=(env.DRUPE_CACHE||cache+"/drupe")+"/code",kept=\`\${folder}/${digest}-\${versions.v8}-\${arch}.code\`;
let cachedData,image;
try{cachedData=fs.readFileSync(kept)}catch{}
const{Script}=load("node:vm"),flags=()=>new Script("").createCachedData().readUInt32LE(12),script=new Script(code,{filename:load("node:url").fileURLToPath(place),cachedData});
const before=cachedData?0:flags();
if(!cachedData)process.once("exit",()=>{
if(versions.node.startsWith("20."))load("node:v8").setFlagsFromString("--no-experimental-wasm-relaxed-simd");
if(flags()===before)try{
fs.mkdirSync(folder,{recursive:true,mode:0o700});
fs.writeFileSync(kept+pid,script.createCachedData());
fs.renameSync(kept+pid,kept);
}catch{}
});
script.runInThisContext()(load,url,(made)=>{image=made});
export const{boot}=image;
`;
}
