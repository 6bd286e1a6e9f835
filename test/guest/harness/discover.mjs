import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A guest test: one C program and what its opening comment asks for.
 *
 * | line | meaning |
 * |---|---|
 * | `@args a b` | one run with these arguments; several lines are several runs |
 * | `@env K=V K=V` | environment of every run |
 * | `@stdin text` | standard input, with C escapes; without it, the end of file |
 * | `@flags -lm` | further compiler flags |
 * | `@link static dynamic` | ways to link it; `static` alone by default |
 * | `@arch riscv64` | the program has no meaning natively |
 * | `@oracle native` | native Linux (the default), `expect` (the file beside it), or `status 139 142` (any of these) |
 * | `@tty 80x24` | runs on a terminal of this size |
 * | `@type "prompt" "reply"` | what is typed there when the prompt has appeared |
 *
 * @typedef {object} GuestTest
 * @property {string} name area and file, without the ending: `file/open`
 * @property {string} source path of the C file
 * @property {string[][]} runs argument lists
 * @property {Record<string, string>} env
 * @property {string | undefined} stdin
 * @property {string[]} flags
 * @property {string[]} links
 * @property {boolean} native
 * @property {string[]} oracle
 * @property {string | undefined} tty
 * @property {[string, string][]} typed
 */

/**
 * Finds the tests under a folder: every C file one level down, in order of name.
 * @param {string} folder
 * @returns {GuestTest[]}
 */
export function discover(folder) {
  const areas = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return areas
    .filter((area) => area.name !== "build")
    .flatMap((area) =>
      readdirSync(join(folder, area.name))
        .filter((file) => file.endsWith(".c"))
        .map((file) => parse(`${area.name}/${file.slice(0, -2)}`, join(folder, area.name, file))),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const KEYS = new Set(["args", "env", "stdin", "flags", "link", "arch", "oracle", "tty", "type"]);

/**
 * @param {string} name
 * @param {string} source
 * @returns {GuestTest}
 */
function parse(name, source) {
  const text = readFileSync(source, "utf8");
  const comment = text.slice(0, text.indexOf("*/"));
  /** @type {Map<string, string[]>} */
  const lines = new Map();
  for (const [, key = "", value = ""] of comment.matchAll(/^ \* @(\w+) ?(.*)$/gm)) {
    if (!KEYS.has(key)) throw new Error(`${source}: @${key} is no key of a guest test`);
    lines.set(key, [...(lines.get(key) ?? []), value]);
  }
  const words = (/** @type {string} */ key) =>
    (lines.get(key) ?? []).flatMap((line) => line.split(" ").filter(Boolean));
  const stdin = lines.get("stdin")?.[0];
  return {
    name,
    source,
    runs: (lines.get("args") ?? [""]).map((line) => line.split(" ").filter(Boolean)),
    env: Object.fromEntries(words("env").map((pair) => pair.split(/=(.*)/s, 2))),
    stdin: stdin === undefined ? undefined : JSON.parse(`"${stdin}"`),
    flags: words("flags"),
    links: lines.has("link") ? words("link") : ["static"],
    native: words("arch")[0] !== "riscv64",
    oracle: lines.has("oracle") ? words("oracle") : ["native"],
    tty: words("tty")[0],
    typed: (lines.get("type") ?? []).map((line) => {
      const [, prompt = "", reply = ""] = /^"(.*)" "(.*)"$/.exec(line) ?? [];
      return [prompt, reply];
    }),
  };
}
