import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cliPath } from "../../../scripts/cli-path.mjs";
import { compile, drupe, execute, hello, scratch, tryDrupe } from "../lib/drupe.mjs";
import { test } from "../lib/suite.mjs";

/** A build that is refused: what is said, and nothing is left behind. */
function refused(args, message) {
  const before = readdirSync(scratch);
  const { status, stderr, stdout } = tryDrupe("build", ...args);
  assert.equal(status, 125, stderr + stdout);
  assert.match(stderr, message);
  assert.doesNotMatch(stderr, /\bat .*\.js:\d+/, "a stack trace");
  assert.deepEqual(readdirSync(scratch), before, "something was left behind");
}

test("refused: a program that is not there", () => {
  refused(["./nothing", "-o", "x.image"], /there is no .*nothing/);
});

test("refused: a program for another machine", () => {
  refused([process.execPath, "-o", "x.image"], /built for x86-64|built for aarch64/);
});

test("refused: a program cut short", () => {
  writeFileSync(join(scratch, "cut"), readFileSync(hello()).subarray(0, 100));
  refused(["./cut", "-o", "x.image"], /cut.* is a malformed ELF file/);
});

test("refused: a library that the program needs is not in the root", () => {
  const program = compile("needs-libc", "int main(void) { return 0; }", { flags: [] });
  refused([program, "-o", "x.image"], /needs-libc needs .*ld-linux-riscv64/);
});

test("refused: an unknown library", () => {
  refused([hello(), "--libraries", "posix-fdi,vfs", "-o", "x.image"], /there is no library posix-fdi\n.*posix-fdio/s);
});

test("refused: a place that holds something else", () => {
  mkdirSync(join(scratch, "precious"), { recursive: true });
  writeFileSync(join(scratch, "precious/thesis.txt"), "years of work");
  refused([hello(), "-o", "precious"], /precious is there, and holds something else/);
  assert.equal(readFileSync(join(scratch, "precious/thesis.txt"), "utf8"), "years of work");
});

/** Builds in a folder with a configuration. */
function configured(name, file, text) {
  const folder = join(scratch, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), text);
  hello();
  return execute(process.execPath, [cliPath, "build", "-o", "out.image"], { cwd: folder });
}

for (const [name, text, message] of [
  [
    "unknown setting",
    "root: ../hello\nruntme: none\n",
    /drupe.yaml:2: runtme is no setting\n.*Did you mean runtime\?/s,
  ],
  ["wrong value", "root: ../hello\n\nruntime: fast\n", /drupe.yaml:3: runtime is "fast"\n.*full or interpret or none/s],
  ["missing root", "name: x\n", /drupe.yaml:1: root is missing/],
  ["broken YAML", "root: [\n", /drupe.yaml:\d+: /],
  [
    "nested",
    "root: ../hello\nvolumes:\n  - source: a\n    destination: 7\n",
    /drupe.yaml:4: volumes.0.destination is 7/,
  ],
]) {
  test(`refused: drupe.yaml, ${name}`, () => {
    const { status, stderr } = configured(`config ${name}`, "drupe.yaml", text);
    assert.equal(status, 125, stderr);
    assert.match(stderr, message);
    assert.ok(!existsSync(join(scratch, `config ${name}`, "out.image")));
  });
}

test("a Kraftfile is read as it is", () => {
  const text = `spec: v0.6
name: greeting
runtime: base:latest
rootfs: ../hello
cmd: ["/hello"]
labels:
  org.example.kind: test
`;
  const { status, stderr } = configured("kraft", "Kraftfile", text);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /Kraftfile: runtime say/);
  assert.equal(
    execute(process.execPath, [join(scratch, "kraft/out.image/image.mjs")]).stdout,
    "Hello from a unikernel.\n",
  );
});

test("a Kraftfile of another version is refused", () => {
  const { status, stderr } = configured("kraft5", "Kraftfile", "spec: v0.5\nrootfs: ../hello\n");
  assert.equal(status, 125);
  assert.match(stderr, /Kraftfile:1: spec is "v0.5"/);
});

test("a system call that was left out is ENOSYS, and named with its library", () => {
  const program = compile(
    "asks",
    `#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
int main(int argc, char **argv) {
  struct timespec ts = { 0, 1 };
  if (argc > 1 && nanosleep(&ts, NULL) != 0) printf("%s\\n", strerror(errno));
  else puts("done");
  return 0;
}
`,
    { musl: true },
  );
  drupe("build", program, "--libraries", "recorded", "--strace", "-o", "asks.image");
  const args = [join(scratch, "asks.image/image.mjs"), "now"];
  const { stdout, stderr } = execute(process.execPath, args, { env: { DRUPE_STRACE: "1" } });
  assert.equal(stdout, "Function not implemented\n");
  assert.match(stderr, /nanosleep\(.*= -1 ENOSYS/);
  assert.match(stderr, /the image lacks \w+: library posix-time provides it/);
  const run = tryDrupe("run", "--strace", "asks.image", "--", "now");
  assert.equal(run.stdout, "Function not implemented\n");
  assert.match(run.stderr, /library posix-time provides it/);
});

test("a library that the program needs is missed when the image is built", () => {
  const program = compile(
    "hello-dynamic",
    `#include <stdio.h>\nint main(void) { puts("Hello from a unikernel."); return 0; }\n`,
    { flags: [] },
  );
  const folder = join(scratch, "dynamic2");
  execute("sh", [
    "-c",
    `mkdir -p ${folder}/lib && cp ${program} ${folder}/hello && cp /usr/riscv64-linux-gnu/lib/ld-linux-riscv64-lp64d.so.1 /usr/riscv64-linux-gnu/lib/libc.so.6 ${folder}/lib/`,
  ]);
  refused(
    [folder, "--libraries", "hello", "-o", "x.image", "--", "/hello"],
    /has no library vfs, but .*hello is linked dynamically/,
  );
});

test("refused: an image that is cut short or damaged", () => {
  drupe("build", hello(), "--libraries", "recorded", "--format", "drupe", "-o", "whole.drupe");
  const whole = readFileSync(join(scratch, "whole.drupe"));
  const text = whole.toString("latin1");
  const damaged = {
    half: whole.subarray(0, whole.length >> 1),
    head: whole.subarray(0, 15),
    format: Buffer.concat([whole.subarray(0, 12), Buffer.from([99]), whole.subarray(13)]),
    json: Buffer.from(text.replace('{"format"', '["format"'), "latin1"),
    blob: Buffer.from(text.replace(/"blob":0/g, '"blob":9'), "latin1"),
    program: Buffer.from(text.replace(/"path":"/, '"pith":"'), "latin1"),
  };
  for (const [name, content] of Object.entries(damaged)) {
    writeFileSync(join(scratch, "damaged.drupe"), content);
    const { status, stderr } = tryDrupe("run", "damaged.drupe");
    assert.equal(status, 125, `${name}: ${stderr}`);
    assert.match(stderr, /damaged\.drupe/, name);
    assert.doesNotMatch(stderr, /a bug in Drupe/, name);
  }
});
