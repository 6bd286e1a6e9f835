/**
 * What V8's optimising compiler made of Drupe's own WebAssembly modules, kept from one process to the next: to compile the
 * interpreter takes as long as to interpret ten million instructions, and before that is done it runs at two thirds of its speed.
 *
 * Node has no interface for that; V8 has one for its own tests, of which this knows V8 11.3's, in Node 20. V8 takes what it
 * made only if version, flags and processor are the same; what is stored with it sees to it that the module is. Elsewhere, and
 * where files cannot be written, modules are compiled as ever.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { defaultCacheDir } from "../../base/cache-dir.ts";
import type { CodeCompiler } from "../../machine/engine.ts";

/** Where compiled modules are kept: folders to look into, and at most one to write to, which is made if it is missing. */
export interface KeptCode {
  readonly look: readonly string[];
  readonly write?: string | undefined;
}

/** Beside Drupe's scripts, where the build has put them, and in the cache of the user, if that has a home. */
export function usualPlaces(): KeptCode {
  const { env } = process;
  const cache = join(defaultCacheDir(env, env.HOME || "/dev/null"), "code");
  return { look: [fileURLToPath(new URL(".", import.meta.url)), cache], write: cache };
}

interface Natives {
  readonly serialize: (module: unknown) => ArrayBuffer;
  /** Answers undefined if the code is of another V8, or for another processor. */
  readonly deserialize: (code: ArrayBuffer, bytes: Uint8Array) => unknown;
}

/** A compiler that keeps the modules which have a name. */
export function keepingCompiler(compiler: CodeCompiler, { look, write }: KeptCode): CodeCompiler {
  const { compile } = compiler;
  return Object.assign(compiler, {
    compile(bytes, temper, name) {
      const natives = name === undefined ? undefined : nativesOfV8();
      if (natives === undefined) return compile(bytes, temper);
      const file = `${name}-${hashOf(bytes)}-${process.versions.v8}-${process.arch}.code`;
      for (const folder of look) {
        const code = readKept(join(folder, file), bytes);
        // What was refused is of no use here, and somebody else's.
        if (code !== undefined) return natives.deserialize(code, bytes) ?? compile(bytes, temper);
      }
      const place = write === undefined ? undefined : reserve(write, file);
      // If it cannot be kept, the next start would have to do so again.
      if (place === undefined) return compile(bytes, temper);
      const module = optimised(() => compile(bytes, "own"));
      place.fill(lengthOf(bytes), bytes, new Uint8Array(natives.serialize(module)));
      return module;
    },
  } satisfies Partial<CodeCompiler>);
}

/** A file is the length of the module, the module, and the code; a module of the same name is no reason to take the code. */
function readKept(file: string, bytes: Uint8Array): ArrayBuffer | undefined {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch {
    return undefined;
  }
  const end = 4 + bytes.length;
  if (content.length <= end || content.readUInt32LE(0) !== bytes.length) return undefined;
  return content.subarray(4, end).equals(bytes) ? new Uint8Array(content.subarray(end)).buffer : undefined;
}

function lengthOf(bytes: Uint8Array): Uint8Array {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(bytes.length);
  return head;
}

/** A file to be written beside its place and moved there; undefined if the folder cannot be written to. */
function reserve(folder: string, file: string): { fill(...parts: readonly Uint8Array[]): void } | undefined {
  const temporary = join(folder, `${file}.${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(temporary, "");
  } catch {
    return undefined;
  }
  return {
    fill(...parts) {
      try {
        writeFileSync(temporary, Buffer.concat(parts));
        renameSync(temporary, join(folder, file));
      } catch {
        // A disk that is full costs the file, not the run.
        rmSync(temporary, { force: true });
      }
    },
  };
}

/**
 * What has V8 compile as it would after a long time, and not give the same module that was made before: V8 ends the process that
 * serializes one without optimised code. Behind them what sets all back, with flags that they imply.
 */
const OPTIMISING = ["--no-liftoff", "--no-wasm-lazy-compilation", "--no-wasm-native-module-cache-enabled"];
const USUAL = [
  ...["--liftoff", "--wasm-tier-up", "--wasm-dynamic-tiering"],
  ...["--wasm-lazy-compilation", "--wasm-native-module-cache-enabled"],
];

function optimised<T>(compile: () => T): T {
  for (const flag of OPTIMISING) setFlagsFromString(flag);
  try {
    return compile();
  } finally {
    for (const flag of USUAL) setFlagsFromString(flag);
  }
}

let natives: Natives | null | undefined;

function nativesOfV8(): Natives | undefined {
  natives ??= findNatives() ?? null;
  return natives ?? undefined;
}

/** V8's functions are named in scripts while a flag is set. Misuse ends the process: so nothing but what is known is tried. */
function findNatives(): Natives | undefined {
  const { execArgv, versions, env } = process;
  const flags = [...execArgv, env.NODE_OPTIONS ?? ""].join(" ");
  if (!versions.v8.startsWith("11.3.") || /wasm|liftoff|jitless|turbo|opt\b/.test(flags)) return undefined;
  setFlagsFromString("--allow-natives-syntax");
  try {
    return {
      serialize: new Function("module", "return %SerializeWasmModule(module)") as Natives["serialize"],
      deserialize: new Function(
        "code",
        "bytes",
        "return %DeserializeWasmModule(code, bytes)",
      ) as Natives["deserialize"],
    };
  } catch {
    return undefined;
  } finally {
    setFlagsFromString("--no-allow-natives-syntax");
  }
}

/** Tells builds apart by their names: FNV-1a of every sixteenth byte. */
function hashOf(bytes: Uint8Array): string {
  let hash = bytes.length;
  for (let i = 0; i < bytes.length; i += 16) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
