import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes } from "../made-archives.test.ts";
import { lookUp, RootBuilder } from "../root-tree.ts";
import { installAlternatives, parseAlternatives } from "./alternatives.ts";

test("parseAlternatives reads calls over several lines, with slaves", () => {
  const script = String.raw`
set -e
if [ "$1" = configure ]; then
	update-alternatives --quiet \
	    --install /usr/bin/lua lua-interpreter "/usr/bin/lua5.4" 20 \
	    --slave /usr/share/man/man1/lua.1.gz lua-manual /usr/share/man/man1/lua5.4.1.gz || true
fi
# update-alternatives --install /usr/bin/no no /usr/bin/comment 1
`;
  assert.deepEqual(parseAlternatives(script), [
    {
      link: "/usr/bin/lua",
      name: "lua-interpreter",
      path: "/usr/bin/lua5.4",
      priority: 20,
      slaves: [{ link: "/usr/share/man/man1/lua.1.gz", name: "lua-manual", path: "/usr/share/man/man1/lua5.4.1.gz" }],
    },
  ]);
});

test("parseAlternatives leaves out what the shell would have to compute, and what is no plain path", () => {
  const skipped = [
    'update-alternatives --install /usr/bin/$x x "/usr/bin/$x.real" 10',
    "update-alternatives --install /usr/bin/x x `which y` 10",
    "update-alternatives --install /usr/bin/../../x x /usr/bin/y 10",
    "update-alternatives --install /usr/bin/x ../x /usr/bin/y 10",
    "update-alternatives --install /usr/bin/x x /usr/bin/y high",
    "update-alternatives --remove x /usr/bin/y",
    "my-update-alternatives --install /usr/bin/x x /usr/bin/y 1",
  ];
  for (const line of skipped) assert.deepEqual(parseAlternatives(line), [], line);
  const [partly] = parseAlternatives("update-alternatives --install /usr/bin/lzma lzma /usr/bin/xz 20 $(slave /x y z)");
  assert.equal(partly?.link, "/usr/bin/lzma");
  const [half] = parseAlternatives("update-alternatives --install /usr/bin/x x /usr/bin/y 1 --slave /a b /c$D");
  assert.deepEqual(half?.slaves, []);
});

test("installAlternatives links the best choice whose program is there, over nothing that is", () => {
  const builder = new RootBuilder();
  const meta = { mode: 0o755, uid: 0, gid: 0, mtime: { seconds: 0, nanoseconds: 0 } };
  for (const path of ["usr/bin/mawk", "usr/bin/gawk", "usr/bin/real"]) {
    builder.add(bytes(path), { type: "file", ...meta, size: 0, read: () => new Uint8Array(0) });
  }
  const calls = [
    "--install /usr/bin/awk awk /usr/bin/mawk 5 --slave /usr/bin/nawk nawk /usr/bin/mawk",
    "--install /usr/bin/awk awk /usr/bin/gawk 10 --slave /usr/man/awk awk.1 /usr/man/gawk",
    "--install /usr/bin/awk awk /usr/bin/missing 99",
    "--install /usr/bin/real real /usr/bin/gawk 1",
  ];
  const script = calls.map((call) => `update-alternatives ${call}`).join("\n");
  assert.equal(installAlternatives(builder, parseAlternatives(script)), undefined);
  assert.equal(lookUp(builder.entries, bytes("usr/bin/awk"))?.path, "usr/bin/gawk");
  const link = builder.entries.get(bytes("usr/bin/awk"));
  assert.equal(link?.type === "symlink" && link.target, "/etc/alternatives/awk");
  assert.ok(!builder.entries.has(bytes("usr/man/awk")));
  assert.equal(builder.entries.get(bytes("usr/bin/real"))?.type, "file");
});
