/**
 * Guest programs in a browser: a page with a worker that holds every library, to which each program is given as an image of
 * its own.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { bundle } from "../../dist/build/bundle/bundle.js";
import { bundlePage } from "../../dist/build/bundle/page.js";
import { encodeImage } from "../../dist/entry/container.js";
import { full } from "../../dist/preset/full.js";
import { launch } from "./chromium.mjs";
import { serve } from "./server.mjs";

/** @typedef {import("../guest/harness/execute.mjs").Outcome} Outcome */
/** @typedef {{ program: string, args: string[], env: Record<string, string>, libraries: string | undefined, input: string | undefined, scratch: string | undefined, timeoutMs: number }} Job `scratch` is where the program has a volume of its own */

const DIRECTORY = 0o040000;
const FILE = 0o100000;

/** A browser with a page that runs guests one after the other, or several at a time. */
export class BrowserGuests {
  #browser;
  #page;
  #server;
  #folder;
  #images = 0;

  /** @param {{ isolated: boolean }} options */
  static async open({ isolated }) {
    const folder = mkdtempSync(join(tmpdir(), "drupe-browser-"));
    const libraries = full.map(({ name }) => ({ name, why: "all of them" }));
    const { code } = await bundle({
      libraries,
      runtime: "full",
      files: true,
      trace: false,
      float: true,
      host: "browser",
    });
    writeFileSync(join(folder, "worker.js"), code);
    for (const [name, text] of await bundlePage("guests")) writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, "guests.html"), "<!doctype html><title>guests</title>");
    const server = await serve({ page: folder }, { isolated });
    const browser = await launch();
    const page = await browser.newPage();
    await page.goto(`${server.origin}/page/guests.html`);
    return new BrowserGuests({ browser, page, server, folder });
  }

  /** @param {{ browser: import("playwright-core").Browser, page: import("playwright-core").Page, server: { origin: string, close(): void }, folder: string }} parts */
  constructor({ browser, page, server, folder }) {
    this.#browser = browser;
    this.#page = page;
    this.#server = server;
    this.#folder = folder;
  }

  /**
   * Runs a program to its end.
   * @param {Job} job
   * @returns {Promise<Outcome>}
   */
  async run({ program, args, env, libraries, input, scratch, timeoutMs }) {
    const image = `${++this.#images}.drupe`;
    const volumes =
      scratch === undefined ? [] : [{ source: image, destination: scratch, readOnly: false, named: true }];
    writeFileSync(join(this.#folder, image), imageOf(program, libraries, volumes));
    const request = { image, args, env, input, timeoutMs };
    try {
      return await this.#page.evaluate(runInPage, request);
    } finally {
      rmSync(join(this.#folder, image));
    }
  }

  async close() {
    await this.#browser.close();
    this.#server.close();
    rmSync(this.#folder, { recursive: true });
  }
}

/**
 * What the page does for one program. Output is taken as Latin-1, one character a byte.
 * @param {{ image: string, args: string[], env: Record<string, string>, input: string | undefined, timeoutMs: number }} request
 */
async function runInPage({ image, args, env, input, timeoutMs }) {
  const module = "./drupe.js";
  const { boot } = await import(/* @vite-ignore */ module);
  const outcome = { status: 125, stdout: "", stderr: "", timedOut: false };
  const latin1 = (/** @type {Uint8Array} */ bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const program = boot({
    image: new URL(image, location.href),
    args,
    env,
    stdout: (/** @type {Uint8Array} */ bytes) => {
      outcome.stdout += latin1(bytes);
    },
    stderr: (/** @type {Uint8Array} */ bytes) => {
      outcome.stderr += latin1(bytes);
    },
  });
  const timer = setTimeout(() => {
    outcome.timedOut = true;
    program.stop();
  }, timeoutMs);
  if (input !== undefined) program.write(Uint8Array.from(input, (c) => c.charCodeAt(0)));
  program.end();
  try {
    const status = await program.exited;
    outcome.status = status.kind === "exited" ? status.code : 128 + status.signal;
  } catch (error) {
    outcome.stderr += String(error);
  }
  clearTimeout(timer);
  return outcome;
}

/** An image of one program, as `drupe run FILE` would have it. */
function imageOf(
  /** @type {string} */ program,
  /** @type {string | undefined} */ libraries,
  /** @type {{ source: string, destination: string, readOnly: boolean, named: boolean }[]} */ volumes,
) {
  const path = `/${basename(program)}`;
  /** @type {Uint8Array[]} */
  const contents = [];
  /** @type {{ path: string, mode: number, blob?: number }[]} */
  const rows = [
    { path: "", mode: DIRECTORY | 0o755 },
    { path: "dev", mode: DIRECTORY | 0o755 },
    { path: "proc", mode: DIRECTORY | 0o555 },
    { path: "sys", mode: DIRECTORY | 0o555 },
    { path: "tmp", mode: DIRECTORY | 0o1777 },
    { path: "root", mode: DIRECTORY | 0o700 },
  ];
  const add = (/** @type {string} */ name, /** @type {string} */ file) =>
    rows.push({ path: name, mode: FILE | 0o755, blob: contents.push(new Uint8Array(readFileSync(file))) - 1 });
  add(path.slice(1), program);
  if (libraries !== undefined) {
    rows.push({ path: "lib", mode: DIRECTORY | 0o755 });
    const names = readdirSync(libraries).filter((name) => /\.so(\.|$)/.test(name));
    for (const name of names) {
      const file = join(libraries, name);
      if (existsSync(file) && statSync(file).isFile()) add(`lib/${name}`, file);
    }
  }
  let offset = 0;
  const blobs = contents.map(({ length }) => {
    const blob = { offset, stored: length, size: length, packing: /** @type {const} */ ("plain") };
    offset += length;
    return blob;
  });
  const common = { uid: 0, gid: 0, mtime: /** @type {[number, number]} */ ([0, 0]), source: 0 };
  const text = (/** @type {string} */ value) => /** @type {never} */ (value);
  const manifest = {
    format: 1,
    drupe: "",
    name: path.slice(1),
    program: { path: text(path), argv: [text(path)], env: [text("PATH=/bin"), text("HOME=/root")], cwd: text("/") },
    labels: {},
    volumes,
    runtime: /** @type {const} */ ("full"),
    libraries: [],
    modules: {},
    targets: [],
    ahead: [],
    root: {
      names: rows.map((row, inode) => ({ path: text(row.path), inode })),
      inodes: rows.map(({ mode, blob }) => ({ ...common, mode, ...(blob === undefined ? {} : { blob }) })),
    },
    sources: ["a test"],
    blobs,
  };
  return encodeImage(manifest, contents);
}
