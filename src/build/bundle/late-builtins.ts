import type { Plugin } from "esbuild";

/** Parts of Node that a short run does not need, and that take their time to load. */
const LATE = /^node:(child_process|crypto|net|os|stream|stream\/promises|stream\/web|tty|worker_threads|zlib)$/;

/** Loads them when something of theirs is first used instead of at the start. The bundle must have a `require`. */
export const lateBuiltins = (): Plugin => ({
  name: "late builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: LATE }, ({ path, namespace }) =>
      namespace === "late" ? { path, external: true } : { path, namespace: "late" },
    );
    onLoad({ filter: /.*/, namespace: "late" }, async ({ path }) => ({
      contents: `for (const name of ${JSON.stringify(Object.keys((await import(path)) as object))})
        Object.defineProperty(exports, name, { enumerable: true, get: () => require("${path}")[name] });`,
    }));
  },
});
