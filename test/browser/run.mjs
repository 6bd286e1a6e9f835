/**
 * Images in headless Chromium: `npm run test:browser [-- pages|guests]`, after a build. Pages are served isolated (threads
 * share memory) and not; a screenshot of the terminal is kept in `.cache/browser/`. Then the guest tests run there. The last
 * line is `N passed, N failed`.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cliPath } from "../../scripts/cli-path.mjs";
import { useDebianLock } from "../../scripts/debian-lock.mjs";
import { build as compile } from "../guest/harness/build.mjs";
import { launch, missingBrowser } from "./chromium.mjs";
import { serve } from "./server.mjs";
import { outlivesTheBrowser, volumeTests } from "./volumes.mjs";

/** @typedef {import("playwright-core").Page} Page */

const root = fileURLToPath(new URL("../..", import.meta.url));
const kept = join(root, ".cache/browser");
const WAIT_MS = 30_000;

const lack = missingBrowser();
if (lack !== undefined) {
  console.log(`${lack}\n0 passed, 1 failed`);
  process.exit(1);
}

await useDebianLock();

/** Builds an image as a page. */
function build(/** @type {string} */ place, /** @type {string[]} */ what) {
  const { status, stderr } = spawnSync(process.execPath, [cliPath, "build", "--format", "web", "-o", place, ...what]);
  assert.equal(status, 0, String(stderr));
}

/** What the terminal on a page shows. */
const screen = (/** @type {Page} */ page) => page.locator(".xterm-rows").innerText();

/** Waits until the terminal shows something. */
async function shows(/** @type {Page} */ page, /** @type {RegExp} */ pattern) {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; ) {
    if (pattern.test(await screen(page))) return;
    await page.waitForTimeout(50);
  }
  assert.match(await screen(page), pattern);
}

async function type(/** @type {Page} */ page, /** @type {string} */ line) {
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
}

/** Boots the image of a page from its script, and answers what it wrote and how it ended. */
const bootQuietly = (/** @type {Page} */ page, /** @type {object} */ options) =>
  page.evaluate(async (request) => {
    const script = "./drupe.js";
    const { boot } = await import(script);
    let output = "";
    const stdout = (/** @type {Uint8Array} */ bytes) => {
      output += new TextDecoder().decode(bytes);
    };
    const program = boot({ ...request, stdout });
    program.end();
    const ended = await program.exited.catch((/** @type {Error} */ error) => error.message);
    return { output, ended };
  }, options);

/** @type {Record<string, { root: string, command: string[] }>} */
const programs = {
  sqlite3: {
    root: "debian:sqlite3",
    command: ["sqlite3", ":memory:", "select sum(value), group_concat(value) from generate_series(1, 20)"],
  },
  lua: { root: "debian:lua5.4", command: ["lua5.4", "-e", "for i = 1, 5 do print(i, 2 ^ i, ('x'):rep(i)) end"] },
  python3: {
    root: "debian:python3",
    command: ["python3", "-c", "import json, hashlib; print(json.dumps([hashlib.sha256(b'x').hexdigest(), 2 ** 70]))"],
  },
  bash: {
    root: "debian:bash,coreutils",
    command: [
      "bash",
      "-c",
      "seq 5 | sort -r | head -2; x=$(uname -m); echo $x $((6 * 7)); ls -d /usr; echo done | wc -c",
    ],
  },
};

/** What the image of a page prints in Node. */
function inNode(/** @type {string} */ folder) {
  const args = [cliPath, "run", join(folder, "image.drupe")];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** @type {Record<string, (page: Page, origin: string, folders: Record<string, string>) => Promise<void>>} */
const tests = {
  async "programs from Debian print what they print in Node"(page, origin, folders) {
    for (const name of Object.keys(programs)) {
      await page.goto(`${origin}/${name}/`);
      const { output, ended } = await bootQuietly(page, {});
      assert.deepEqual(ended, { kind: "exited", code: 0 }, `${name}: ${output}`);
      assert.equal(output, inNode(folders[name] ?? ""), name);
    }
  },

  async "a program from a script of the page"(page, origin) {
    await page.goto(`${origin}/hello/`);
    const { output, ended } = await bootQuietly(page, { args: ["one"] });
    assert.deepEqual(ended, { kind: "exited", code: 0 });
    assert.match(output, /^Hello from an unmodified riscv64 Linux program, process 1 .*\n {2}argument 1: one\n$/);
  },

  async "an image that is not there, and one that is none"(page, origin) {
    await page.goto(`${origin}/hello/`);
    const absent = await bootQuietly(page, { image: "absent.drupe" });
    assert.match(absent.ended, /absent\.drupe could not be loaded: 404/);
    const wrong = await bootQuietly(page, { image: "index.html" });
    assert.match(wrong.ended, /not an image/);
  },

  async "the page's script asks a server of the machine"(page, origin) {
    await page.goto(`${origin}/server/`);
    const answers = await page.evaluate(
      async (paths) => {
        const script = "./drupe.js";
        const { boot } = await import(script);
        /** @type {() => void} */
        let listening = () => {};
        const ready = new Promise((resolve) => {
          listening = () => resolve(undefined);
        });
        const program = boot({ stdout: () => listening() });
        await ready;
        /** @type {Record<string, string>} */
        const texts = {};
        for (const path of paths) {
          const answer = await program.fetch(`http://localhost${path}`).catch((/** @type {Error} */ error) => error);
          texts[path] = answer instanceof Error ? `${answer.name}: ${answer.message}` : await answer.text();
        }
        const body = "seed ".repeat(100_000);
        const echo = await program.fetch("/echo", { method: "POST", body });
        texts.echo = (await echo.text()) === body ? "the same" : "another";
        const much = await program.fetch("/much");
        let length = 0;
        for (const reader = much.body.getReader(); ; ) {
          const { value, done } = await reader.read();
          if (done) break;
          length += value.length;
        }
        texts.much = `${length}`;
        const idle = await program.connect(80);
        program.stop();
        texts.stopped = await idle.readable
          .getReader()
          .read()
          .then(String, (/** @type {Error} */ error) => error.message);
        return texts;
      },
      ["/", "/chunked", "/elsewhere", ":81/"],
    );
    assert.equal(answers["/"], "hello\n");
    assert.equal(answers["/chunked"], "first and a second");
    assert.match(answers["/elsewhere"] ?? "", /^GET \/head HTTP\/1\.1\r\nHost: localhost\r\n/);
    assert.match(answers[":81/"] ?? "", /^TypeError: no program of the machine listens at port 81/);
    assert.equal(answers.echo, "the same");
    assert.equal(answers.much, `${64 << 20}`);
    assert.match(answers.stopped ?? "", /broken off/);
  },

  async "a shell on a terminal"(page, origin) {
    await page.goto(`${origin}/shell/`);
    await shows(page, /[#$] *$/m);
    await type(page, "echo $((6 * 7)) | sed 's/^/= /'; (exit 3); echo status $?");
    await shows(page, /^= 42\nstatus 3$/m);
    await type(page, "while :; do :; done");
    await page.waitForTimeout(300);
    await page.keyboard.press("Control+c");
    await type(page, "echo stopped");
    await shows(page, /^stopped$/m);
    await page.setViewportSize({ width: 600, height: 400 });
    await type(page, "ls -x /; stty size; for i in 1 2 3; do echo $i; done | sort -r");
    await shows(page, /^3\n2\n1$/m);
    await page.screenshot({ path: join(kept, "terminal.png") });
    await type(page, "exit 5");
    await shows(page, /^\[exited with 5\]$/m);
  },

  ...volumeTests,

  "a volume is there when the browser is started again": (_page, origin) => outlivesTheBrowser(origin),
};

/** Counts over all tests. */
const tally = { passed: 0, failed: 0 };

async function runPages() {
  const scratch = mkdtempSync(join(tmpdir(), "drupe-pages-"));
  mkdirSync(kept, { recursive: true });
  try {
    await runInBrowser(await buildAll(scratch));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** Builds the images of all pages; answers their folders by name. */
async function buildAll(/** @type {string} */ scratch) {
  build(join(scratch, "hello"), [join(root, "share/hello")]);
  build(join(scratch, "shell"), ["debian:busybox-static/busybox", "--", "/bin/busybox", "sh"]);
  const source = join(root, "test/network/web-server.c");
  const server = await compile({ compiler: "riscv64-linux-gnu-gcc", source, flags: [], link: "static" });
  build(join(scratch, "server"), ["--no-profile", server]);
  /** @type {Record<string, string>} */
  const folders = Object.fromEntries(["hello", "shell", "server"].map((name) => [name, join(scratch, name)]));
  const keeper = await compile({
    compiler: "riscv64-linux-gnu-gcc",
    source: join(root, "test/browser/keep.c"),
    flags: [],
    link: "static",
  });
  folders.keep = withVolume(join(scratch, "keep"), `root: ${keeper}\nprofile: [[add, x], [sync, x]]`);
  folders.database = withVolume(
    join(scratch, "database"),
    "root: debian:sqlite3\ncmd: [sqlite3, /data/t.db, 'create table t(v); insert into t values (1); select * from t']\nfiles: needed",
  );
  for (const [name, { root: from, command }] of Object.entries(programs)) {
    const folder = join(scratch, name);
    folders[name] = folder;
    build(folder, [from, "--files", "needed", "--ahead", "startup", "--", ...command]);
  }
  return folders;
}

/** Builds the image of a configuration, with a volume at /data, as a page; answers its folder. */
function withVolume(/** @type {string} */ folder, /** @type {string} */ config) {
  writeFileSync(`${folder}.yaml`, `${config}\nvolumes: ["notes:/data"]\nahead: startup\n`);
  build(folder, ["-f", `${folder}.yaml`]);
  // The image's own page runs its program at once, and has the volume meanwhile.
  writeFileSync(join(folder, "blank.html"), "<!doctype html><title>a page without a terminal</title>");
  return folder;
}

async function runInBrowser(/** @type {Record<string, string>} */ folders) {
  // It is started when all is built: one that has long been idle answers late.
  const browser = await launch();
  try {
    for (const isolated of [true, false]) {
      const server = await serve(folders, { isolated });
      for (const [name, test] of Object.entries(tests).filter(([each]) => each.includes(pattern))) {
        const page = await browser.newPage();
        const label = `${name} (${isolated ? "isolated" : "not isolated"})`;
        const start = performance.now();
        try {
          await test(page, server.origin, folders);
          tally.passed++;
          console.log(`ok   ${label} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
        } catch (error) {
          tally.failed++;
          console.log(`FAIL ${label}\n${error instanceof Error ? error.message : error}`);
        }
        await page.close();
      }
      server.close();
    }
  } finally {
    await browser.close();
  }
}

function runGuests() {
  const engines = "chromium,chromium-plain,chromium-volume";
  const { stdout } = spawnSync(process.execPath, [join(root, "test/guest/run.mjs"), "--engine", engines], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  process.stdout.write(stdout);
  const [, guestsPassed, guestsFailed] = /(\d+) passed, (\d+) failed\n$/.exec(stdout) ?? ["", "0", "1"];
  tally.passed += Number(guestsPassed);
  tally.failed += Number(guestsFailed);
}

/** Which of the two, and tests whose names contain a text. */
const [only, pattern = ""] = process.argv.slice(2);
if (only !== "guests") await runPages();
if (only !== "pages") runGuests();
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;
