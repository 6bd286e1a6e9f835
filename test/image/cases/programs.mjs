import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { drupe, execute, node, scratch } from "../lib/drupe.mjs";
import { test } from "../lib/suite.mjs";

for (const { name, root, args, expected } of [
  { name: "lua5.4", root: "debian:lua5.4", args: ["-e", "print(7 // 2, 2^53)"], expected: "3\t9.007199254741e+15\n" },
  {
    name: "sqlite3",
    root: "debian:sqlite3",
    args: [":memory:", "select sum(value) from generate_series(1, 1000)"],
    expected: "500500\n",
  },
  {
    name: "python3",
    root: "debian:python3",
    args: ["-c", "import json, sys; print(json.dumps([sys.platform, sum(i % 7 for i in range(400000))]))"],
    expected: '["linux", 1199997]\n',
  },
]) {
  test(`${name}: an image of a Debian package`, () => {
    drupe("build", root, "--ahead", "startup", "-o", `${name}.image`, "--", name, ...args);
    assert.equal(node(`${name}.image/image.mjs`), expected);
  });

  test(`${name}: a start translates nothing that the image brought`, () => {
    const { modules, cacheHits } = statsOf(`${name}.image`, args);
    // What runs but a moment is interpreted in less time than it takes to load its translation.
    if (name === "python3") assert.ok(modules > 0);
    // Where the end of a turn left a function may be the start of a piece.
    assert.ok(modules - cacheHits <= 2, `${modules} modules, ${cacheHits} of the image`);
  });
}

test("python3: what it compiled while the image was built is kept", () => {
  const { files } = JSON.parse(drupe("inspect", "python3.image", "--json"));
  const compiled = files.filter(({ path }) => /\/__pycache__\/[^/]+\.pyc$/.test(path));
  assert.ok(compiled.some(({ path }) => path.includes("/encodings/__pycache__/")));
  for (const { source } of compiled) assert.equal(source, "written by the recorded run");
});

const SCRIPT = 'seq 3 | sort -r; ls -d /usr; x=$(uname -m); echo "$x $((6*7))"';
const FEW = ["--files", "needed", "--ahead", "startup"];

test("bash and coreutils: processes and pipes", () => {
  drupe("build", "debian:bash,coreutils", ...FEW, "-o", "bash.image", "--", "bash", "-c", SCRIPT);
  assert.equal(node("bash.image/image.mjs"), "3\n2\n1\n/usr\nriscv64 42\n");
});

for (const { root, command } of [
  { root: "debian:python3", command: ["python3", "-c", "import json; print(json.dumps({'a': 1}))"] },
  { root: "debian:bash,coreutils", command: ["bash", "-c", `${SCRIPT}; (sleep 0.2; echo late) & date +%s; wait`] },
]) {
  test(`${command[0]}: the same input gives the same bytes`, () => {
    const images = ["once", "twice"].map((time) => {
      const place = `${command[0]}-${time}.drupe`;
      drupe("build", root, ...FEW, "--format", "drupe", "-o", place, "--", ...command);
      return readFileSync(join(scratch, place));
    });
    assert.ok(images[0].equals(images[1]));
  });
}

/** What the engine did in one run of an image. */
function statsOf(place, args) {
  const { stderr, status } = execute(process.execPath, [`${place}/image.mjs`, ...args], { env: { DRUPE_STATS: "1" } });
  assert.equal(status, 0, stderr);
  return JSON.parse(stderr.trim().split("\n").at(-1));
}
