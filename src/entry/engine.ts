/** The engines that an image may be built with: one of these is in its bundle. */
import { createAheadEngine } from "../engine/ahead/engine.ts";
import { aheadStore } from "../engine/ahead/store.ts";
import { createWasmEngine } from "../engine/wasm/engine.ts";
import type { CodeCompiler, Engine } from "../machine/engine.ts";
import { aheadCode } from "./ahead.ts";
import type { OpenImage } from "./container.ts";

/** Makes the engine of an image. `warn` is told, in a sentence, what the image cannot run. */
export type EngineMaker = (image: OpenImage, compiler: CodeCompiler, warn: (sentence: string) => void) => Engine;

/** Interprets what is cold, takes what the image brought, and translates the rest when it is hot. */
export const tieredEngine: EngineMaker = (image, compiler) =>
  createWasmEngine({ compiler: withModules(image, compiler), store: aheadStore(aheadCode(image)) });

/** Runs nothing but what the image brought. */
export const aheadEngine: EngineMaker = (image, compiler, warn) =>
  createAheadEngine({
    compiler,
    code: aheadCode(image),
    onMissing: (pc, object) =>
      warn(`the image has runtime: none, and no code for 0x${pc.toString(16)} in ${object?.name ?? "written memory"}`),
  });

/** A compiler that takes Drupe's own modules from the image, if that has them. */
function withModules(image: OpenImage, compiler: CodeCompiler): CodeCompiler {
  const { modules } = image.manifest;
  return {
    ...compiler,
    prebuilt: (name) => (modules[name] === undefined ? compiler.prebuilt?.(name) : image.blob(modules[name])),
  };
}
