import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compile, drupe, hello, root, scratch } from "../lib/drupe.mjs";
import { test } from "../lib/suite.mjs";

const SQLITE3 = ["sqlite3", ":memory:", "select 1"];

/** What analysis and a recorded run say of a program, as JSON. */
const analysed = (...args) => JSON.parse(drupe("analyze", "--json", ...args));

for (const [name, ...args] of [
  ["lua5.4", "-e", "print(#arg, os.time() > 0, io.open('/nothing'))"],
  ["sqlite3", ":memory:", "create table t(x); insert into t values (1); select * from t"],
  ["gawk", 'BEGIN { print length("abc"), systime() > 0 }'],
]) {
  test(`analysis of ${name}: what a run asks for was seen in the code`, () => {
    const { rows, objects } = analysed(`debian:${name}`, "--", name, ...args);
    assert.ok(objects.some((object) => object.includes("libc.so.6")));
    const unseen = rows.filter(({ known }) => known === "seen").map((row) => row.name);
    assert.deepEqual(unseen, []);
    assert.ok(rows.some(({ known }) => known === "static, seen"));
    // glibc has wrappers for more than 300 calls: a program is charged with those that it reaches.
    assert.ok(rows.length < 150, `${rows.length} calls`);
    assert.ok(!rows.some((row) => row.name === "init_module" || row.name === "swapon"));
  });
}

test("analysis names who makes a call, and what is missing", () => {
  const source = `#include <sys/socket.h>
int main(void) { return socket(AF_INET, SOCK_STREAM, 0) >= 0; }
`;
  const { rows } = analysed(compile("opens-socket", source, { musl: true }), "--no-profile");
  const row = rows.find(({ name }) => name === "socket");
  assert.equal(row.known, "static");
  assert.ok(row.sites.length >= 1);
});

test("syscall(2) by its number is found", () => {
  const source = `#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv) { return (int)syscall(argc > 1 ? SYS_getppid : SYS_getpgid, 0); }
`;
  const { rows } = analysed(compile("by-number", source, { musl: true }), "--no-profile");
  const names = rows.map(({ name }) => name);
  assert.ok(names.includes("getppid") && names.includes("getpgid"), names.join(" "));
});

test("a trace tells flags, requests, errors and files", () => {
  const report = join(scratch, "trace.json");
  const printed = drupe("trace", "debian:lua5.4", "--json", "-o", report, "--", "-e", "print(io.open('/nothing'))");
  assert.match(printed, /No such file/);
  const { rows, files } = JSON.parse(readFileSync(report, "utf8"));
  assert.ok(files.includes("/nothing"));
  const openat = rows.find(({ name }) => name === "openat");
  assert.ok(openat.recorded.values.includes("O_RDONLY|O_CLOEXEC"));
  assert.ok(openat.recorded.errors.ENOENT >= 1);
});

test("inspect: libraries and why, calls, sizes, provenance, a picture", () => {
  drupe("build", hello(), "--runtime", "none", "--libraries", "recorded", "-o", "inspected.image");
  const picture = join(scratch, "libraries.svg");
  const report = JSON.parse(drupe("inspect", "inspected.image", "--json", "--svg", picture));
  assert.deepEqual(report.syscalls, ["exit_group", "ioctl", "set_tid_address", "writev"]);
  for (const { name, why } of report.libraries) assert.ok(why.length > 0, name);
  assert.equal(report.files.length, 1);
  assert.match(report.files[0].sha256, /^[0-9a-f]{64}$/);
  assert.match(report.files[0].source, /hello$/);
  assert.match(readFileSync(picture, "utf8"), /^<svg[\s\S]*posix-fdio[\s\S]*<\/svg>\n$/);
  const text = drupe("inspect", "inspected.image/image.drupe", "--files");
  assert.match(text, /4 system calls are answered: exit_group ioctl set_tid_address writev/);
});

test("the picture in the README is what inspect draws (DRUPE_BLESS=1 draws it anew)", () => {
  drupe("build", "debian:sqlite3", "--ahead", "none", "--format", "drupe", "-o", "sqlite3.drupe", "--", ...SQLITE3);
  const place = join(root, "docs/libraries.svg");
  const drawn = process.env.DRUPE_BLESS === "1" ? place : join(scratch, "drawn.svg");
  drupe("inspect", "sqlite3.drupe", "--svg", drawn);
  assert.equal(readFileSync(place, "utf8"), readFileSync(drawn, "utf8"));
});

test("provenance of a Debian image: packages with version and digest", () => {
  drupe("build", "debian:lua5.4", "--files", "needed", "--ahead", "none", "--format", "drupe", "-o", "lua.drupe");
  const { files } = JSON.parse(drupe("inspect", "lua.drupe", "--json"));
  const libc = files.find(({ path }) => path.endsWith("/libc.so.6"));
  assert.match(libc.source, /^debian:libc6 \S+ sha256:[0-9a-f]{64}$/);
  assert.ok(!files.some(({ path }) => path.includes("/doc/")));
});

test("the menu lists every library, and marks those of an image", () => {
  const all = JSON.parse(drupe("menu", "--json"));
  for (const { name, bytes, summary } of all) assert.ok(bytes > 0 && summary !== "", name);
  const marked = JSON.parse(drupe("menu", hello(), "--libraries", "recorded", "--json")).filter(({ why }) => why);
  assert.deepEqual(
    marked.map(({ name }) => name),
    ["posix-user", "posix-process", "posix-signal", "posix-fdtab", "posix-fdio"],
  );
  assert.ok(existsSync(scratch));
});
