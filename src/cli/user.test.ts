import assert from "node:assert/strict";
import { test } from "node:test";
import type { RootTree } from "../api/index.ts";
import type { ByteString } from "../base/bytes.ts";
import { findUser } from "./user.ts";

/** A root of files in /etc. */
function rootOf(files: Readonly<Record<string, string>>): RootTree {
  const file = (text: string) => ({
    type: "file" as const,
    mode: 0o644,
    uid: 0,
    gid: 0,
    read: () => Buffer.from(text),
  });
  const directory = { type: "directory" as const, mode: 0o755, uid: 0, gid: 0 };
  const all = {
    "": directory,
    etc: directory,
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [path, file(text)])),
  };
  const entries = new Map(Object.entries(all) as [ByteString, object][]);
  return { entries, command: undefined, close: () => undefined } as unknown as RootTree;
}

const root = rootOf({
  "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1001:Ann:/home/ann:/bin/bash\n",
  "etc/group": "root:x:0:\nstaff:x:50:ann,bob\nann:x:1001:\naudio:x:29:bob\n",
});

for (const { spec, want } of [
  { spec: "ann", want: { uid: 1000, gid: 1001, groups: [50], home: "/home/ann" } },
  { spec: "1000", want: { uid: 1000, gid: 1001, groups: [50], home: "/home/ann" } },
  { spec: "ann:audio", want: { uid: 1000, gid: 29, groups: [], home: "/home/ann" } },
  { spec: "ann:77", want: { uid: 1000, gid: 77, groups: [], home: "/home/ann" } },
  { spec: "65534", want: { uid: 65534, gid: 0, groups: [], home: "/" } },
  { spec: "0", want: { uid: 0, gid: 0, groups: [], home: "/root" } },
] as const) {
  test(`--user ${spec}`, () => assert.deepEqual(findUser(spec, root), want));
}

test("a name that nobody has is refused", () => {
  assert.throws(() => findUser("eve", root), /no user "eve"/);
  assert.throws(() => findUser("ann:eve", root), /no group "eve"/);
  assert.throws(() => findUser("ann", undefined), /no user "ann"/);
  assert.throws(() => findUser("4294967295", undefined), /no user/);
});
