import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { compile, drupe, execute, hello, node, scratch } from "../lib/drupe.mjs";
import { test } from "../lib/suite.mjs";

const GREETING = "Hello from a unikernel.\n";

test("hello, static: a folder that Node runs", () => {
  drupe("build", hello(), "--runtime", "none", "--libraries", "recorded", "-o", "hello.image");
  assert.equal(node("hello.image/image.mjs"), GREETING);
});

test("hello, static: sizes", () => {
  const size = (file) => statSync(join(scratch, "hello.image", file)).size;
  const { kernel } = JSON.parse(drupe("inspect", "hello.image", "--json")).sizes;
  assert.ok(size("image.mjs") + size("image.drupe") <= 123_000, `${size("image.mjs")} + ${size("image.drupe")} bytes`);
  assert.ok(kernel <= 52_000, `${kernel} bytes of kernel`);
});

test("hello, static: nothing in it that it does not need", () => {
  const script = readFileSync(join(scratch, "hello.image/image.mjs"), "utf8");
  // Words that only these libraries and parts have.
  const words = {
    "posix-tty": /pts\/0/,
    "posix-futex": /posix-futex|robust|FUTEX_/,
    socket: /AF_INET|sockaddr/,
    fork: /CLONE_VFORK|CLONE_VM/,
    vfs: /symlinkat|newfstatat/,
    volumes: /drupe volume|fs-volume/,
    translator: /dominator|br_table|i64_extend_i32_u|jump register/,
    interpreter: /interpreter-relaxed/,
    strace: /\+\+\+ exited/,
    declarations: /standard streams|partial/,
    "the linker of the vDSO": /linux-vdso/,
  };
  for (const [part, pattern] of Object.entries(words)) assert.doesNotMatch(script, pattern, `${part} is in the bundle`);
});

test("hello, static: one file", () => {
  drupe("build", hello(), "--runtime", "none", "--libraries", "recorded", "-o", "hello.mjs");
  assert.equal(node("hello.mjs"), GREETING);
});

test("hello, static: an image for drupe run", () => {
  drupe("build", hello(), "--runtime", "none", "--libraries", "recorded", "--format", "drupe", "-o", "hello.drupe");
  assert.equal(drupe("run", "hello.drupe"), GREETING);
});

test("hello, static, glibc: each kind of runtime", () => {
  const program = compile("hello-glibc", readFileSync(join(scratch, "hello.c"), "utf8"));
  for (const runtime of ["full", "interpret", "none"]) {
    drupe("build", program, "--runtime", runtime, "-o", `glibc-${runtime}.image`);
    assert.equal(node(`glibc-${runtime}.image/image.mjs`), GREETING, runtime);
  }
});

test("hello, static, glibc: at most 100 KB more than the program is under xz -9", () => {
  const program = compile("hello-glibc", readFileSync(join(scratch, "hello.c"), "utf8"));
  const small = ["--runtime", "interpret", "--ahead", "none", "--libraries", "recorded", "--compress", "best"];
  drupe("build", program, ...small, "-o", "small.image");
  assert.equal(node("small.image/image.mjs"), GREETING);
  const packed = Number(execute("sh", ["-c", `xz -9 -c ${program} | wc -c`]).stdout);
  const image = ["image.mjs", "kernel.js.br", "image.drupe"]
    .map((file) => statSync(join(scratch, "small.image", file)).size)
    .reduce((sum, size) => sum + size);
  assert.ok(image <= packed + 100_000, `${image} bytes, and the program has ${packed}`);
});

test("hello, static: one file, and all of it packed", () => {
  drupe("build", hello(), "--runtime", "none", "--libraries", "recorded", "--compress", "best", "-o", "packed.mjs");
  assert.equal(node("packed.mjs"), GREETING);
});

test("hello, dynamic, from a directory", () => {
  const program = compile("hello-dynamic", readFileSync(join(scratch, "hello.c"), "utf8"), { flags: [] });
  const folder = join(scratch, "dynamic");
  execute("sh", [
    "-c",
    `mkdir -p ${folder}/lib && cp ${program} ${folder}/hello && cp /usr/riscv64-linux-gnu/lib/ld-linux-riscv64-lp64d.so.1 /usr/riscv64-linux-gnu/lib/libc.so.6 ${folder}/lib/`,
  ]);
  drupe("build", folder, "--files", "needed", "-o", "dynamic.image", "--", "/hello");
  assert.equal(node("dynamic.image/image.mjs"), GREETING);
});

test("a directory that a program only looked for is kept with the files that it needs", () => {
  const source = `#include <stdio.h>
#include <unistd.h>
int main(void) {
  puts(access("etc/conf.d", F_OK) == 0 && access("/etc/other", F_OK) != 0 ? "there" : "lost");
  return 0;
}
`;
  const folder = join(scratch, "looks");
  execute("sh", [
    "-c",
    `mkdir -p ${folder}/etc/conf.d ${folder}/etc/unseen && cp ${compile("looks-for", source, { musl: true })} ${folder}/looks`,
  ]);
  drupe("build", folder, "--files", "needed", "--libraries", "recorded", "-o", "looks.image", "--", "/looks");
  assert.equal(node("looks.image/image.mjs"), "there\n");
  const { root } = openManifest("looks.image/image.drupe");
  assert.ok(!root.names.some(({ path }) => path === "etc/unseen"));
});

test("the same input gives the same bytes", () => {
  for (const name of ["once", "twice"])
    drupe("build", hello(), "--libraries", "recorded", "-o", `${name}.image`, "--name", "hello");
  for (const part of ["image.mjs", "image.drupe", "image.json"]) {
    const [once, twice] = ["once", "twice"].map((name) => readFileSync(join(scratch, `${name}.image`, part)));
    assert.ok(once.equals(twice), part);
  }
});

test("a page brings code for hosts with a second thread, and for those that count", () => {
  drupe("build", hello(), "--libraries", "recorded", "--format", "web", "-o", "hello.web");
  const { targets, ahead } = openManifest("hello.web/image.drupe");
  const polls = ahead.filter(({ name }) => name === "/hello").map(({ target }) => JSON.parse(targets[target])[1].poll);
  assert.deepEqual(polls.sort(), ["flag", "fuel"]);
});

test("an image is booted from JavaScript", async () => {
  const { boot } = await import(join(scratch, "hello.image/image.mjs"));
  let text = "";
  const status = await boot({ stdout: (bytes) => (text += Buffer.from(bytes).toString()) });
  assert.deepEqual([status, text], [{ kind: "exited", code: 0 }, GREETING]);
});

/** What an image says of itself. */
function openManifest(file) {
  const bytes = readFileSync(join(scratch, file));
  return JSON.parse(bytes.subarray(20, 20 + bytes.readUInt32LE(16)).toString("latin1"));
}
