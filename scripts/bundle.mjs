// Bundles the command line and the public interface: a start that loads two files instead of three hundred.
import { renameSync, rmSync } from "node:fs";
import { build } from "esbuild";

// Made beside its place and moved, so that a bundle that cannot be built leaves the one before.
await build({
  entryPoints: { main: "dist/cli/main.js", index: "dist/api/index.js" },
  outdir: "dist/bundle.new",
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
rmSync("dist/bundle", { recursive: true, force: true });
renameSync("dist/bundle.new", "dist/bundle");
