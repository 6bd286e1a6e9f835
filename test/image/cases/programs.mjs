import assert from "node:assert/strict";
import { drupe, execute, node } from "../lib/drupe.mjs";
import { test } from "../lib/suite.mjs";

for (const { name, root, strange = 0, args, expected } of [
  { name: "lua5.4", root: "debian:lua5.4", args: ["-e", "print(7 // 2, 2^53)"], expected: "3\t9.007199254741e+15\n" },
  {
    name: "sqlite3",
    root: "debian:sqlite3",
    args: [":memory:", "select sum(value) from generate_series(1, 1000)"],
    expected: "500500\n",
  },
  {
    name: "python3",
    strange: 0.5,
    root: "debian:python3",
    args: ["-c", "import json, sys; print(json.dumps([sys.platform, sum(range(10))]))"],
    expected: '["linux", 45]\n',
  },
]) {
  test(`${name}: an image of a Debian package`, () => {
    drupe("build", root, "--ahead", "startup", "-o", `${name}.image`, "--", name, ...args);
    assert.equal(node(`${name}.image/image.mjs`), expected);
  });

  test(`${name}: a start translates nothing that the image brought`, async () => {
    const { engineStats } = await statsOf(`${name}.image`, args);
    // Places within functions may turn out hot that were not when the start was recorded: most in an interpreter's main loop.
    const { modules, cacheHits } = engineStats;
    assert.ok(modules - cacheHits <= Math.max(2, modules * strange), JSON.stringify(engineStats));
  });
}

test("bash and coreutils: processes and pipes", () => {
  const script = 'seq 3 | sort -r; ls -d /usr; x=$(uname -m); echo "$x $((6*7))"';
  const flags = ["--files", "needed", "--ahead", "startup"];
  drupe("build", "debian:bash,coreutils", ...flags, "-o", "bash.image", "--", "bash", "-c", script);
  assert.equal(node("bash.image/image.mjs"), "3\n2\n1\n/usr\nriscv64 42\n");
});

/** What the engine did in one run of an image. */
async function statsOf(place, args) {
  const { stderr, status } = execute(process.execPath, [`${place}/image.mjs`, ...args], { env: { DRUPE_STATS: "1" } });
  assert.equal(status, 0, stderr);
  return { engineStats: JSON.parse(stderr.trim().split("\n").at(-1)) };
}
