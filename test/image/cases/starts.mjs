import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile, drupe, execute, scratch, tryDrupe } from "../lib/drupe.mjs";
import { test } from "../lib/suite.mjs";

/** Works before it says anything, and tells what it finds at its start and what it finds now. */
const SOURCE = `#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
int main(int argc, char **argv) {
  unsigned sum = argc;
  for (unsigned i = 0; i < 3000000; i++) sum = sum * 31 + i;
  struct stat own, in;
  if (stat(argv[0], &own) != 0 || fstat(0, &in) != 0) return 1;
  int terminal = isatty(1);
  printf("%u %d %o %d %d\\n", sum, (int)own.st_size > 1000, in.st_mode & S_IFMT, terminal, argc);
  fflush(stdout);
  printf("%d\\n", time(NULL) > 1700000000);
  return 3;
}
`;

function build() {
  compile("slow-start", SOURCE);
  drupe(
    "build",
    "./slow-start",
    "--libraries",
    "auto",
    "--compress",
    "none",
    "--start",
    "recorded",
    "-o",
    "slow.image",
  );
}

/** @param {string[]} args @param {string} [input] */
function start(args = [], input = "") {
  const env = { DRUPE_STATS: "1" };
  const { stdout, stderr, status } = execute(process.execPath, ["slow.image/image.mjs", ...args], { env, input });
  assert.equal(status, 3, stderr);
  return { stdout, instructions: JSON.parse(stderr.trim().split("\n").at(-1)).interpreted };
}

const EXPECTED = "2813447009 1 10000 0 1\n1\n";

test("a recorded start goes on where the program first reaches outside, in the time that it is", () => {
  build();
  const { stdout, instructions } = start();
  assert.equal(stdout, EXPECTED);
  assert.ok(instructions < 100_000, `${instructions} instructions`);
  const options = '{ stdin: "", stdout: (b) => process.stdout.write(b) }';
  const booted = `import("./slow.image/image.mjs").then(({ boot }) => boot(${options})).then(console.log)`;
  const { stdout: twice } = execute(process.execPath, ["-e", booted]);
  assert.equal(twice, `${EXPECTED}{ kind: 'exited', code: 3 }\n`);
});

test("with other arguments or streams a program starts from its beginning", () => {
  assert.equal(start(["more"]).stdout.split(" ").at(-1), "2\n1\n");
  const { stdout, status } = execute("sh", ["-c", "node slow.image/image.mjs </dev/null 2>/dev/null"]);
  assert.equal(status, 3);
  assert.equal(stdout, EXPECTED.replace("10000", "20000"));
});

test("where a call is answered differently than in the record a program starts from its beginning", () => {
  const file = join(scratch, "slow.image/image.drupe");
  const image = readFileSync(file);
  const tampered = Buffer.from(image.toString("latin1").replaceAll('"result":[0,0]', '"result":[9,0]'), "latin1");
  assert.ok(!tampered.equals(image));
  writeFileSync(file, tampered);
  const { stdout, instructions } = start();
  writeFileSync(file, image);
  assert.equal(stdout, EXPECTED);
  assert.ok(instructions > 3_000_000, `${instructions} instructions`);
});

test("a program that spins in interpreted code does not starve its host", () => {
  compile("spin", "int main(void) { for (volatile unsigned long i = 0;; i++); }\n");
  const flags = ["--runtime", "interpret", "--ahead", "none", "--no-profile"];
  drupe("build", "./spin", ...flags, "-o", "spin.image");
  const program = `import("./spin.image/image.mjs").then(({ boot }) => void boot());
    setTimeout(() => { console.log("tick"); process.exit(); }, 500);`;
  const { stdout } = execute(process.execPath, ["-e", program], { timeout: 60_000 });
  assert.equal(stdout, "tick\n");
});

test("refused: a recorded start of an image with volumes", () => {
  writeFileSync(
    join(scratch, "volumes.yaml"),
    "root: ./slow-start\nstart: recorded\nvolumes: [{ source: /tmp, destination: /tmp }]\n",
  );
  const { status, stderr } = tryDrupe("build", "-f", "volumes.yaml", "-o", "volumes.image");
  assert.equal(status, 125);
  assert.match(stderr, /recorded start knows nothing of volumes/);
});
