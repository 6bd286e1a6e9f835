// Bundles the command line and the public interface: a start that loads two files instead of three hundred.
import { execFileSync } from "node:child_process";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { lateBuiltins } from "../dist/build/bundle/late-builtins.js";
import { buildInterpreter, interpreterName, USUAL_BUILDS } from "../dist/engine/interp/module.js";

/** Made beside its place and moved, so that a bundle that cannot be built leaves the one before. */
const FOLDER = "dist/bundle.new";
rmSync(FOLDER, { recursive: true, force: true });

/** @type {import("esbuild").BuildOptions} */
const common = {
  bundle: true,
  platform: "node",
  target: "node20",
  minifySyntax: true,
  minifyWhitespace: true,
  // What every start needs is bundled; these are loaded when they are needed.
  external: ["cli-progress", "esbuild", "fzstd", "tar-stream", "valibot", "xz-decompress", "yaml"],
  logLevel: "warning",
};

/**
 * The builder of images is a script of its own, which the command line loads for the commands that need it.
 * @type {import("esbuild").Plugin}
 */
const apart = {
  name: "builder apart",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\/build\/index\.js$/ }, () => ({ path: "./builder.js", external: true }));
  },
};

await build({
  ...common,
  entryPoints: { index: "dist/api/index.js" },
  outdir: FOLDER,
  splitting: true,
  format: "esm",
  outExtension: { ".js": ".mjs" },
  banner: { js: 'import{createRequire as r}from"node:module";const require=r(import.meta.url);' },
  chunkNames: "part-[hash]",
});
// The command line is a script: Node loads one sooner than a module, and can be given its compiled code.
await build({
  ...common,
  entryPoints: { main: "dist/cli/launch.js", cli: "dist/cli/main.js", builder: "dist/build/index.js" },
  outdir: FOLDER,
  format: "cjs",
  // Escapes what is not ASCII, so that the script is a string of bytes.
  charset: "ascii",
  // A script without an importer of its own cannot import(); what is loaded late is required.
  supported: { "dynamic-import": false },
  plugins: [apart, lateBuiltins()],
  define: { "import.meta.url": "scriptUrl" },
  banner: { js: 'const scriptUrl=require("node:url").pathToFileURL(__filename).href;' },
});
writeFileSync(`${FOLDER}/package.json`, '{ "type": "commonjs" }\n');
for (const options of USUAL_BUILDS)
  writeFileSync(`${FOLDER}/${interpreterName(options)}.wasm`, buildInterpreter(options));

rmSync("dist/bundle", { recursive: true, force: true });
renameSync(FOLDER, "dist/bundle");
for (const script of ["scripts/compile-modules.mjs", "scripts/compile-bundle.mjs"])
  execFileSync(process.execPath, [script], { stdio: ["ignore", "ignore", "inherit"] });
