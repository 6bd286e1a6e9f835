// Bundles the command line and the public interface: a start that loads two files instead of three hundred.
import { rmSync } from "node:fs";
import { build } from "esbuild";

rmSync("dist/bundle", { recursive: true, force: true });
await build({
  entryPoints: { main: "dist/cli/main.js", index: "dist/api/index.js" },
  outdir: "dist/bundle",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  minifySyntax: true,
  minifyWhitespace: true,
  // What every start needs is bundled; these are loaded when they are needed.
  external: ["cli-progress", "fzstd", "tar-stream", "xz-decompress"],
  banner: { js: 'import{createRequire as r}from"node:module";const require=r(import.meta.url);' },
  chunkNames: "part-[hash]",
  logLevel: "warning",
});
