/** Volumes in a browser: what a program wrote is there when the page is opened again. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchAgain } from "./chromium.mjs";

/** @typedef {import("playwright-core").Page} Page */

/**
 * Boots the image of a page, and answers what it wrote and how it ended.
 * @param {Page} page
 * @param {string[]} args
 * @returns {Promise<{ output: string, ended: unknown }>}
 */
const run = (page, ...args) => runWith(page, { args });

/**
 * @param {Page} page
 * @param {object} options
 * @returns {Promise<{ output: string, ended: unknown }>}
 */
const runWith = (page, options) =>
  page.evaluate(async (given) => {
    const script = "./drupe.js";
    const { boot } = await import(script);
    let output = "";
    const stdout = (/** @type {Uint8Array} */ bytes) => {
      output += new TextDecoder().decode(bytes);
    };
    const program = boot({ ...given, stdout });
    program.end();
    const ended = await program.exited.catch((/** @type {Error} */ error) => error.message);
    return { output, ended };
  }, options);

/**
 * Boots the image of a page, and answers when it says that it is ready: it goes on behind the page's `program`.
 * @param {Page} page
 * @param {string[]} args
 * @returns {Promise<void>}
 */
const start = (page, ...args) =>
  page.evaluate(async (given) => {
    const script = "./drupe.js";
    const { boot } = await import(script);
    await new Promise((ready, failed) => {
      const program = boot({ args: given, stdout: ready });
      program.exited.catch(failed);
      Object.assign(globalThis, { program });
    });
  }, args);

/** Does something with the program that was started. */
const end = (/** @type {Page} */ page) =>
  page.evaluate(async () => {
    const { program } = /** @type {any} */ (globalThis);
    program.end();
    await program.exited;
  });

const stop = (/** @type {Page} */ page) =>
  page.evaluate(() => {
    const { program } = /** @type {any} */ (globalThis);
    program.exited.catch(() => {});
    program.stop();
  });

const EXITED = { kind: "exited", code: 0 };

/** @type {Record<string, (page: Page, origin: string) => Promise<void>>} */
export const volumeTests = {
  async "a volume is there when the page is loaded again"(page, origin) {
    await page.goto(`${origin}/keep/blank.html`);
    assert.deepEqual(await run(page, "add", "one"), { output: "640 one\n", ended: EXITED });
    assert.deepEqual(await run(page, "add", "two"), { output: "640 one\ntwo\n", ended: EXITED });
    await page.reload();
    assert.deepEqual(await run(page), { output: "640 one\ntwo\n", ended: EXITED });
  },

  async "one page at a time has a volume"(page, origin) {
    const context = await page.context().browser()?.newContext();
    assert.ok(context);
    const [first, other] = [await context.newPage(), await context.newPage()];
    await first.goto(`${origin}/keep/blank.html`);
    await start(first, "hold", "first");
    await other.goto(`${origin}/keep/blank.html`);
    const { ended } = await run(other);
    assert.match(String(ended), /another page has the volume notes\n {2}Close that page/);
    await end(first);
    assert.deepEqual(await run(other), { output: "640 first\n", ended: EXITED });
    await context.close();
  },

  async "a page chooses volumes, and several programs have theirs at a time"(page, origin) {
    await page.goto(`${origin}/keep/blank.html`);
    await start(page, "hold", "of the image");
    for (const output of ["640 mine\n", "640 mine\nmine\n"]) {
      assert.deepEqual(await runWith(page, { args: ["add", "mine"], volumes: ["mine:/data"] }), {
        output,
        ended: EXITED,
      });
    }
    const { ended } = await runWith(page, { volumes: ["../mine:/data"] });
    assert.match(String(ended), /a page has volumes by name, and no folders/);
    await end(page);
  },

  async "a page that is left loses nothing that was synced, and gives the volume back"(page, origin) {
    await page.goto(`${origin}/keep/blank.html`);
    await start(page, "sync", "safe");
    await page.reload();
    assert.deepEqual(await run(page), { output: "640 safe\n", ended: EXITED });
    await start(page, "sync", "again");
    await stop(page);
    assert.deepEqual(await run(page), { output: "640 safe\nagain\n", ended: EXITED });
  },

  async "a damaged volume is refused, and kept"(page, origin) {
    await page.goto(`${origin}/keep/blank.html`);
    for (const word of ["aaaaaaaa", "bbbbbbbb", "cccccccc"]) await run(page, "add", word);
    const damage = () =>
      page.evaluate(async () => {
        const root = await navigator.storage.getDirectory();
        const file = await (await root.getDirectoryHandle("drupe-volumes")).getFileHandle("notes");
        const bytes = new Uint8Array(await (await file.getFile()).arrayBuffer());
        const at = new TextDecoder("latin1").decode(bytes).indexOf("bbbbbbbb");
        bytes[at] = /** @type {number} */ (bytes[at]) ^ 1;
        const writer = await file.createWritable();
        await writer.write(bytes);
        await writer.close();
        return at;
      });
    assert.ok((await damage()) > 0);
    const { ended } = await run(page, "add", "more");
    assert.match(String(ended), /the volume notes cannot be used: .*\n {2}Put back a copy of it.*drupe-volumes\/notes/);
  },

  async "a database of sqlite3 goes on where the page before left it"(page, origin) {
    await page.goto(`${origin}/database/blank.html`);
    const sql =
      "create table if not exists t(v); insert into t values (random()); select count(*), count(distinct v) from t";
    for (let i = 1; i <= 3; i++) {
      assert.deepEqual(await run(page, "/data/t.db", sql), { output: `${i}|${i}\n`, ended: EXITED });
      await page.reload();
    }
  },
};

/** A volume outlives the browser. */
export async function outlivesTheBrowser(/** @type {string} */ origin) {
  const folder = mkdtempSync(join(tmpdir(), "drupe-profile-"));
  try {
    for (const output of ["640 1\n", "640 1\n2\n", "640 1\n2\n3\n"]) {
      const context = await launchAgain(folder);
      const page = await context.newPage();
      await page.goto(`${origin}/keep/blank.html`);
      assert.deepEqual(await run(page, "add", String(output.split("\n").length - 1)), { output, ended: EXITED });
      await context.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
