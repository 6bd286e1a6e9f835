import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AT, AT_FDCWD, O, RESOLVE } from "../../abi/fcntl.ts";
import { openHowLayout, statLayout } from "../../abi/riscv64/stat.ts";
import { S } from "../../abi/stat.ts";
import { type ByteString, byteString } from "../../base/bytes.ts";
import { TestKernel } from "../../host/test/index.ts";
import type { Task } from "../../kernel/task.ts";
import { fsDev } from "../fs-dev/index.ts";
import { type RamEntry, ramRoot } from "../fs-ram/index.ts";

const meta = { uid: 0, gid: 0, mtime: { seconds: 1, nanoseconds: 0 } };
const file = (text: string, mode = 0o644): RamEntry => {
  const content = Uint8Array.from(text, (c) => c.charCodeAt(0));
  return { type: "file", mode, ...meta, size: content.length, read: () => content };
};
const directory: RamEntry = { type: "directory", mode: 0o755, ...meta };
const symlink = (target: string): RamEntry => ({ type: "symlink", mode: 0o777, ...meta, target: target as ByteString });

const TREE: Readonly<Record<string, RamEntry>> = {
  "": directory,
  dir: directory,
  "dir/file": file("inside"),
  "dir/up": symlink("../file"),
  file: file("top"),
  absolute: symlink("/dir/file"),
  loop: symlink("loop"),
  slashed: symlink("dir/"),
  dangling: symlink("made"),
};

function boot() {
  const root = ramRoot(new Map(Object.entries(TREE).map(([path, entry]) => [path as ByteString, entry])));
  const k = new TestKernel([root, fsDev]);
  const task = k.process();
  const path = (text: string): number => k.string(task, text);
  const open = (name: string, flags: number = 0, mode = 0): number | string =>
    k.call(task, "openat", AT_FDCWD, path(name), flags, mode);
  return { k, task, path, open };
}

function content(k: TestKernel, task: Task, fd: number | string): string {
  const at = k.reserve(task, 64);
  const length = k.call(task, "read", Number(fd), at, 64);
  return byteString(task.mm.read(at, Number(length)) as Uint8Array);
}

describe("a path is walked", () => {
  const cases: readonly (readonly [path: string, want: string])[] = [
    ["/file", "top"],
    ["/dir/up", "top"],
    ["/absolute", "inside"],
    ["/../../dir/./file", "inside"],
    ["//dir///file", "inside"],
    ["/slashed/file", "inside"],
  ];
  for (const [name, want] of cases) {
    test(`to ${name}`, () => {
      const { k, task, open } = boot();
      assert.equal(content(k, task, open(name)), want);
    });
  }
});

describe("a walk is refused", () => {
  const cases: readonly (readonly [path: string, errno: string])[] = [
    ["", "ENOENT"],
    ["/none", "ENOENT"],
    ["/file/", "ENOTDIR"],
    ["/file/.", "ENOTDIR"],
    ["/file/x", "ENOTDIR"],
    ["/loop", "ELOOP"],
    [`/${"n".repeat(256)}`, "ENAMETOOLONG"],
    [`/${"d/".repeat(2100)}`, "ENAMETOOLONG"],
  ];
  for (const [name, errno] of cases) {
    test(`${errno} for ${name.slice(0, 12)}`, () => assert.equal(boot().open(name), errno));
  }
});

describe("open flags", () => {
  const cases: readonly (readonly [path: string, flags: number, want: string | number])[] = [
    ["/file", O.CREAT | O.EXCL, "EEXIST"],
    ["/loop", O.CREAT | O.EXCL, "EEXIST"],
    ["/dir", O.CREAT, "EISDIR"],
    ["/new/", O.CREAT | O.WRONLY, "EISDIR"],
    ["/dir", O.WRONLY, "EISDIR"],
    ["/file", O.DIRECTORY, "ENOTDIR"],
    ["/absolute", O.NOFOLLOW, "ELOOP"],
    ["/absolute", O.NOFOLLOW | O.PATH, 3],
    ["/dangling", O.CREAT | O.WRONLY, 3],
    ["/dir", O.CREAT | O.DIRECTORY, "EINVAL"],
    ["/dev/none", O.WRONLY, "ENOENT"],
  ];
  for (const [name, flags, want] of cases) {
    test(`${name} with ${flags.toString(8)}: ${want}`, () => assert.equal(boot().open(name, flags, 0o666), want));
  }
});

test("a file that lost its name lives as long as it is open", () => {
  const { k, task, path, open } = boot();
  const fd = open("/file");
  assert.equal(k.call(task, "unlinkat", AT_FDCWD, path("/file"), 0), 0);
  assert.equal(open("/file"), "ENOENT");
  assert.equal(content(k, task, fd), "top");
  const at = k.reserve(task, statLayout.size);
  assert.equal(k.call(task, "fstat", Number(fd), at), 0);
  assert.equal((task.mm.readStruct(at, statLayout) as { nlink: number }).nlink, 0);
});

test("a working directory knows where it is after a rename above it, and when it is gone", () => {
  const { k, task, path } = boot();
  const at = k.reserve(task, 64);
  const cwd = (): string | number => {
    const length = k.call(task, "getcwd", at, 64);
    return typeof length === "string" ? length : byteString(task.mm.read(at, length - 1) as Uint8Array);
  };
  k.call(task, "mkdirat", AT_FDCWD, path("/a"), 0o755);
  k.call(task, "mkdirat", AT_FDCWD, path("/a/b"), 0o755);
  k.call(task, "chdir", path("/a/b"));
  k.call(task, "renameat2", AT_FDCWD, path("/a"), AT_FDCWD, path("/z"), 0);
  assert.equal(cwd(), "/z/b");
  assert.equal(k.call(task, "renameat2", AT_FDCWD, path("/z"), AT_FDCWD, path("/z/b/c"), 0), "EINVAL");
  k.call(task, "unlinkat", AT_FDCWD, path("/z/b"), AT.REMOVEDIR);
  assert.equal(cwd(), "ENOENT");
  assert.equal(k.call(task, "openat", AT_FDCWD, path("x"), O.CREAT | O.WRONLY, 0o644), "ENOENT");
});

test("modes follow the umask, and directories with set-group-ID give their group", () => {
  const { k, task, path, open } = boot();
  k.call(task, "umask", 0o027);
  open("/made", O.CREAT | O.WRONLY, 0o666);
  k.call(task, "fchmodat", AT_FDCWD, path("/dir"), 0o2755);
  k.call(task, "fchownat", AT_FDCWD, path("/dir"), 0, 7, 0);
  k.call(task, "mkdirat", AT_FDCWD, path("/dir/sub"), 0o777);
  const at = k.reserve(task, statLayout.size);
  const stat = (name: string) => {
    k.call(task, "newfstatat", AT_FDCWD, path(name), at, 0);
    return task.mm.readStruct(at, statLayout) as { mode: number; gid: number };
  };
  assert.equal(stat("/made").mode, S.IFREG | 0o640);
  assert.deepEqual([stat("/dir/sub").mode, stat("/dir/sub").gid], [S.IFDIR | 0o2750, 7]);
});

test("openat2 keeps a walk where it is told to", () => {
  const { k, task, path, open } = boot();
  const dir = Number(open("/dir", O.PATH));
  const how = k.reserve(task, openHowLayout.size);
  const open2 = (name: string, resolve: number): string | number => {
    task.mm.writeStruct(how, openHowLayout, { flags: 0, mode: 0, resolve });
    return k.call(task, "openat2", dir, path(name), how, openHowLayout.size);
  };
  assert.equal(open2("../file", RESOLVE.BENEATH), "EXDEV");
  assert.equal(open2("up", RESOLVE.BENEATH), "EXDEV");
  assert.equal(open2("up", RESOLVE.NO_SYMLINKS), "ELOOP");
  assert.equal(open2("/file", RESOLVE.IN_ROOT), 4);
  assert.equal(open2("file", 0x40), "EINVAL");
});

test("descriptors that were opened for a place alone refuse input and output", () => {
  const { k, task, open } = boot();
  const fd = Number(open("/file", O.PATH));
  assert.equal(k.call(task, "read", fd, k.reserve(task, 8), 8), "EBADF");
  assert.equal(k.call(task, "fcntl", fd, 3, 0), O.PATH);
  assert.equal(k.call(task, "fstat", fd, k.reserve(task, 128)), 0);
});
