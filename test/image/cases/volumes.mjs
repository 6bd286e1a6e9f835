import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cliPath } from "../../../scripts/cli-path.mjs";
import { compile, execute, hello, scratch } from "../lib/drupe.mjs";
import { test } from "../lib/suite.mjs";

const volumes = join(scratch, "volumes");
const env = { DRUPE_VOLUMES: volumes };

/** @type {string | undefined} */
let built;

/** The image with a volume, built when it is first asked for. */
function image() {
  built ??= buildImage();
  return built;
}

function buildImage() {
  const folder = join(scratch, "keeper");
  mkdirSync(folder, { recursive: true });
  const source = readFileSync(new URL("../../browser/keep.c", import.meta.url), "utf8");
  const program = compile("keep", source, { musl: true });
  writeFileSync(
    join(folder, "drupe.yaml"),
    `root: ${program}\nvolumes: ["notes:/data"]\nprofile: [[add, x], [sync, x], [fill]]\n`,
  );
  const { status, stderr } = execute(process.execPath, [cliPath, "build", "--ahead", "startup", "-o", "keep.image"], {
    cwd: folder,
  });
  assert.equal(status, 0, stderr);
  return join(folder, "keep.image");
}

/** Runs the image with an empty volume, or with that of the run before. */
const keep = (/** @type {string[]} */ ...args) =>
  execute(process.execPath, [join(image(), "image.mjs"), ...args], { env });
const run = (/** @type {string[]} */ ...args) => execute(process.execPath, [cliPath, "run", ...args], { env });
const empty = () => rmSync(volumes, { recursive: true, force: true });

/** Starts the image, and waits until it says that it is ready. */
async function ready(/** @type {string[]} */ ...args) {
  const child = spawn(process.execPath, [join(image(), "image.mjs"), ...args], { env: { ...process.env, ...env } });
  let text = "";
  const ended = new Promise((resolve) => child.on("close", resolve));
  await new Promise((resolve, reject) => {
    child.stdout.on("data", (bytes) => {
      text += bytes;
      if (text.endsWith("ready\n")) resolve(undefined);
    });
    child.on("close", () => reject(new Error(`it ended: ${text}`)));
  });
  return { child, ended };
}

test("a volume: what was written is there in the next run, of the image and of drupe run", () => {
  empty();
  assert.equal(keep("add", "one").stdout, "640 one\n");
  assert.equal(keep("add", "two").stdout, "640 one\ntwo\n");
  const other = run("-v", "notes:/data", image(), "--", "add", "three");
  assert.equal(other.stdout, "640 one\ntwo\nthree\n", other.stderr);
  assert.equal(run("-v", "notes:/data:ro", image()).stdout, "log: Read-only file system\n");
  assert.equal(run("-v", "another:/data", image()).stdout, "640 ");
});

test("a volume: who boots an image chooses others", async () => {
  empty();
  process.env.DRUPE_VOLUMES = volumes;
  const { boot } = await import(join(image(), "image.mjs"));
  let text = "";
  const stdout = (/** @type {Uint8Array} */ bytes) => (text += Buffer.from(bytes).toString());
  for (const name of ["one", "two", "one"]) await boot({ args: ["add", name], volumes: [`${name}:/data`], stdout });
  assert.equal(text, "640 one\n640 two\n640 one\none\n");
  await assert.rejects(boot({ volumes: ["data:/"] }), /Name a folder below the guest's root/);
  delete process.env.DRUPE_VOLUMES;
});

test("a volume: drupe run grants an image none that was not asked for, and says so", () => {
  const { stderr } = run(image());
  assert.match(stderr, /the image has a volume at \/data; nothing is kept there without -v notes:\/data/);
});

test("a volume: one machine at a time has it", async () => {
  empty();
  const { child, ended } = await ready("hold");
  for (const refused of [keep("show"), run("-v", "notes:/data", image())]) {
    assert.equal(refused.status, 125);
    assert.match(refused.stderr, /another machine has the volume notes\n {2}Wait until it has ended/);
  }
  child.stdin.end();
  assert.equal(await ended, 0);
  assert.equal(keep("add", "after").stdout, "640 after\n");
});

test("a volume: what was synced outlives the end of Drupe itself", async () => {
  empty();
  keep("add", "before");
  const { child, ended } = await ready("sync", "safe");
  child.kill("SIGKILL");
  await ended;
  assert.equal(keep("show").stdout, "640 before\nsafe\n");
});

test("a volume: no room is ENOSPC, and nothing that was kept is lost", () => {
  empty();
  keep("add", "kept");
  const script = 'trap "" XFSZ; ulimit -f 4096; exec "$@"';
  const command = ["sh", process.execPath, join(image(), "image.mjs"), "fill"];
  const { stdout, stderr } = execute("sh", ["-c", script, ...command], { env });
  assert.equal(stdout, "stopped: No space left on device\nthen synced\n640 kept\n", stderr);
  assert.equal(keep("show").stdout, "640 kept\n");
});

test("a volume: a damaged one is refused, and left as it is", () => {
  empty();
  for (const word of ["a", "b", "c"]) keep("add", word.repeat(50));
  const file = join(volumes, "notes");
  const bytes = readFileSync(file);
  const at = bytes.indexOf("bbbbb");
  bytes[at] = bytes[at] ^ 1;
  writeFileSync(file, bytes);
  const { status, stderr } = keep("add", "more");
  assert.equal(status, 125);
  assert.match(stderr, /the volume notes cannot be used: .*\n {2}Put back a copy of it, or remove it .*volumes\/notes/);
  assert.ok(readFileSync(file).equals(bytes));
  assert.equal(run("-v", "notes:/data", image()).status, 125);
});

test("a volume: sqlite3's database, written by one run after the other", () => {
  empty();
  const sql =
    "create table if not exists t(v); insert into t values (random()); select count(*), count(distinct v) from t";
  for (const mode of ["delete", "wal"]) {
    for (let i = 1; i <= 3; i++) {
      const { stdout, stderr } = run(
        "-q",
        "-v",
        "db:/data",
        "debian:sqlite3",
        "--",
        `/data/${mode}.db`,
        `pragma journal_mode=${mode}; ${sql}`,
      );
      assert.equal(stdout, `${mode}\n${i}|${i}\n`, stderr);
    }
  }
});

for (const [volume, message] of [
  ["a*b:/data", /A folder is \.\/a\*b; the name of a volume has letters/],
  ["data:/", /Name a folder below the guest's root/],
  ["data:relative", /A volume is FOLDER:GUEST or NAME:GUEST/],
  ["data:/x:rx", /A volume is FOLDER:GUEST or NAME:GUEST/],
]) {
  test(`a volume: ${volume} is refused`, () => {
    const { status, stderr } = run("-v", String(volume), hello());
    assert.equal(status, 125);
    assert.match(stderr, /** @type {RegExp} */ (message));
  });
}
