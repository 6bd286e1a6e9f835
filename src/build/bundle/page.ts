/** The page around an image: a terminal, and a script that other pages use. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { distFolder } from "../dist-folder.ts";

/** Makes the files of a page: `index.html`, `drupe.js` (`boot`), `terminal.js`. */
export async function bundlePage(name: string): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await build({
    entryPoints: { drupe: join(distFolder, "page/boot.js"), terminal: join(distFolder, "page/terminal.js") },
    outdir: "/",
    bundle: true,
    splitting: true,
    chunkNames: "page-[hash]",
    minify: true,
    write: false,
    platform: "browser",
    format: "esm",
    target: "es2022",
    charset: "ascii",
    legalComments: "none",
    logLevel: "silent",
    absWorkingDir: distFolder,
  });
  const scripts = outputFiles.map(({ path, text }) => [path.replace(/^.*[\\/]/, ""), text] as const);
  const style = await readFile(createRequire(import.meta.url).resolve("@xterm/xterm/css/xterm.css"), "utf8");
  return new Map([["index.html", html(name, style)], ...scripts]);
}

function html(name: string, style: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>${escapeHtml(name)}</title>
<style>
${style.trim()}
html, body, #terminal { height: 100%; margin: 0; background: #000 }
</style>
<div id="terminal"></div>
<script type="module">
import { openTerminal } from "./terminal.js";
openTerminal(document.querySelector("#terminal"));
</script>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
