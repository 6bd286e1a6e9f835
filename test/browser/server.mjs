import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = /** @type {Record<string, string>} */ ({
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
});

/** What makes a page isolated, so that its threads may share memory. */
const ISOLATION = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/**
 * Serves folders on loopback, as any static server would: `/name/…` is a file below the folder of that name.
 * @param {Record<string, string>} folders
 * @param {{ isolated: boolean }} options
 * @returns {Promise<{ origin: string, close(): void }>}
 */
export async function serve(folders, { isolated }) {
  const server = createServer(async ({ url = "/" }, answer) => {
    const [, name = "", ...rest] = decodeURIComponent(new URL(url, "http://localhost").pathname).split("/");
    const folder = folders[name];
    const path = normalize(rest.join("/") || "index.html");
    try {
      if (folder === undefined || path.startsWith("..")) throw new Error("not found");
      const bytes = await readFile(join(folder, path));
      answer.writeHead(200, {
        "Content-Type": TYPES[extname(path)] ?? "application/octet-stream",
        ...(isolated ? ISOLATION : {}),
      });
      answer.end(bytes);
    } catch {
      answer.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(undefined)));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { origin: `http://127.0.0.1:${port}`, close: () => void server.close() };
}
