/** Links an image's entry with the modules that it names, and nothing else. */
import { type BuildOptions, build, type Metafile } from "esbuild";
import { distFolder } from "../dist-folder.ts";
import { type EntryRequest, entrySource } from "./entry-source.ts";
import { hostParts, LOADER } from "./host-parts.ts";
import { Modules } from "./specialise.ts";

export interface Bundle {
  readonly code: string;
  /** Bytes by module, below the folder of compiled modules. */
  readonly modules: ReadonlyMap<string, number>;
}

export async function bundle(request: EntryRequest): Promise<Bundle> {
  const node = request.host === "node";
  const modules = new Modules(request);
  const common = {
    stdin: { contents: entrySource(request), resolveDir: distFolder, sourcefile: "entry.js" },
    bundle: true,
    write: false,
    platform: node ? "node" : "browser",
    format: "esm",
    target: node ? "node20" : "es2022",
    charset: "ascii",
    legalComments: "none",
    logLevel: "silent",
    absWorkingDir: distFolder,
    plugins: [modules.plugin, ...(node ? [hostParts(request.body === true ? [] : ["node:zlib"])] : [])],
    ...(request.body === true ? { define: { "import.meta.url": "url" } } : node ? { banner: { js: LOADER } } : {}),
  } as const satisfies BuildOptions;
  const whole = await build(common);
  modules.specialise(whole.outputFiles[0]!.text);
  const { outputFiles, metafile } = await build({ ...common, minify: true, metafile: true, ...modules.mangling });
  return { code: outputFiles[0]!.text, modules: sizes(metafile) };
}

function sizes({ outputs }: Metafile): ReadonlyMap<string, number> {
  const [output] = Object.values(outputs);
  return new Map(
    Object.entries(output!.inputs)
      .map(([module, { bytesInOutput }]) => [module.replaceAll("\\", "/"), bytesInOutput] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
