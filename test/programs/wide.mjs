/**
 * A walk through Debian: languages, compilers, tools and servers that are large, or that do what few do.
 * Usage: `npm run test:programs-wide [-- NAME…]`, after a build. It takes what the mirror has: some 2 GB at the first time.
 *
 * What is expected of each is told beside it, since few machines have all of them natively.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cliPath } from "../../scripts/cli-path.mjs";

/** @typedef {{ name: string, packages: string, args: string[], files?: Record<string, string>, prints: string | RegExp }} Case */

/** @type {Case[]} */
const cases = [
  {
    name: "gcc compiles, the result runs",
    packages: "dash,gcc,libc6-dev,binutils/dash",
    files: { "hello.c": '#include <stdio.h>\nint main(void) { return !printf("hello %d\\n", 42); }\n' },
    args: ["-c", "gcc -O2 -o /tmp/hello hello.c && /tmp/hello"],
    prints: "hello 42\n",
  },
  {
    name: "Node.js with worker threads",
    packages: "nodejs/node",
    files: {
      "main.js": `const { Worker, isMainThread, parentPort } = require("node:worker_threads");
if (isMainThread) for (const n of [1, 2]) new Worker(__filename).on("message", (text) => console.log(text));
else parentPort.postMessage(require("node:crypto").createHash("md5").update("drupe").digest("hex"));
`,
    },
    args: ["main.js"],
    prints: /^([0-9a-f]{32}\n)\1$/,
  },
  {
    name: "Java",
    packages: "openjdk-21-jre-headless/usr/lib/jvm/java-21-openjdk-riscv64/bin/java",
    args: ["-version"],
    prints: /OpenJDK 64-Bit Server VM/,
  },
  {
    name: "Ruby with threads and a child",
    packages: "ruby,coreutils",
    args: ["-e", "puts [1, 2, 3].sum { _1 * _1 }; puts Thread.new { 7 }.value; puts `echo child`"],
    prints: "14\n7\nchild\n",
  },
  {
    name: "PHP",
    packages: "php8.4-cli/php8.4",
    args: ["-r", 'echo json_encode(["a" => [1, 2]]), "\\n", md5("x"), "\\n";'],
    prints: '{"a":[1,2]}\n9dd4e461268c8034f5c8564e155c67a6\n',
  },
  {
    name: "Perl with threads and fork",
    packages: "perl",
    args: [
      "-Mthreads",
      "-e",
      'print threads->create(sub { 6 * 7 })->join, "\\n"; if (my $p = fork) { waitpid $p, 0; print $? >> 8, "\\n" } else { exit 3 }',
    ],
    prints: "42\n3\n",
  },
  {
    name: "Erlang",
    packages: "erlang-base,dash,coreutils/erl",
    args: ["-noshell", "-eval", 'io:format("~p~n", [lists:sum(lists:seq(1, 100))]), halt().'],
    prints: "5050\n",
  },
  { name: "Go's own tool", packages: "golang-go/go", args: ["env", "GOARCH"], prints: "riscv64\n" },
  { name: "OCaml", packages: "ocaml/ocaml", args: ["-version"], prints: /^The OCaml toplevel, version 5/ },
  {
    name: "Guile",
    packages: "guile-3.0/guile-3.0",
    args: ["--no-auto-compile", "-c", "(display (expt 2 100)) (newline)"],
    prints: "1267650600228229401496703205376\n",
  },
  { name: "Emacs", packages: "emacs-nox/emacs-nox", args: ["--batch", "--eval", "(princ (* 6 7))"], prints: "42" },
  {
    name: "gdb's Python",
    packages: "gdb",
    args: ["-batch", "-nx", "-ex", "python print(6 * 7)"],
    prints: "42\n",
  },
  {
    name: "OpenSSL makes and checks a signature",
    packages: "dash,openssl/dash",
    args: [
      "-c",
      "openssl genpkey -algorithm ed25519 -out /tmp/k; openssl pkey -in /tmp/k -pubout -out /tmp/p; " +
        "echo text > /tmp/t; openssl pkeyutl -sign -rawin -in /tmp/t -inkey /tmp/k -out /tmp/s; " +
        "openssl pkeyutl -verify -rawin -in /tmp/t -pubin -inkey /tmp/p -sigfile /tmp/s",
    ],
    prints: "Signature Verified Successfully\n",
  },
  {
    name: "FFmpeg encodes a film",
    packages: "dash,ffmpeg,file/dash",
    args: [
      "-c",
      "ffmpeg -loglevel error -f lavfi -i testsrc=duration=1:size=64x48:rate=5 /tmp/o.mp4 && file -b /tmp/o.mp4",
    ],
    prints: /^ISO Media, MP4/,
  },
  {
    name: "ImageMagick",
    packages: "imagemagick-7.q16/convert-im7.q16",
    args: ["-size", "2x1", "xc:red", "-depth", "8", "ppm:-"],
    prints: /^P6\n2 1\n255\n/,
  },
];

const wanted = process.argv.slice(2);
const chosen = cases.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
let failed = 0;
for (const one of chosen) {
  const start = performance.now();
  const why = complaint(one);
  if (why !== undefined) failed++;
  console.log(
    `${why === undefined ? "ok  " : "FAIL"} ${one.name} (${((performance.now() - start) / 1000).toFixed(1)} s)`,
  );
  if (why !== undefined) console.log(why.replace(/^/gm, "     "));
}
if (chosen.length === 0) console.log("no such program");
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 && chosen.length > 0 ? 0 : 1;

/** What is wrong with what a program printed, or undefined. */
function complaint(/** @type {Case} */ { packages, args, files = {}, prints }) {
  const folder = mkdtempSync(join(tmpdir(), "drupe-wide-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const settings = [
    "-q",
    "--memory",
    "3g",
    "-e",
    "HOME=/tmp",
    "-e",
    "LC_ALL=C.UTF-8",
    "-v",
    `${folder}:/work:ro`,
    "-w",
    "/work",
  ];
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [cliPath, "run", ...settings, `debian:${packages}`, "--", ...args],
    { encoding: "latin1", input: "", timeout: 600_000 },
  );
  rmSync(folder, { recursive: true });
  const right = typeof prints === "string" ? stdout === prints : prints.test(`${stdout}${stderr}`);
  if (status === 0 && right) return undefined;
  return `status ${status} ${error ?? ""}\n${stdout.slice(-500)}${stderr.slice(-500)}`;
}
