/** What tests of volumes share. */
import assert from "node:assert/strict";
import { Errno } from "../../abi/errno.ts";
import { FALLOC } from "../../abi/fcntl.ts";
import { S } from "../../abi/stat.ts";
import { type ByteString, byteString, bytesOf } from "../../base/bytes.ts";
import { crc32 } from "../../base/crc32.ts";
import { TestKernel, TestStore, testVolume } from "../../host/test/index.ts";
import { LoadError } from "../../kernel/loader/load-error.ts";
import { type RamInode, type RamTree, ramRoot } from "../fs-ram/index.ts";
import { namespace } from "../vfs/index.ts";
import { fsVolume } from "./index.ts";
import { VolumeFileSystem } from "./volume-file-system.ts";
import { VolumeDirectory, VolumeFile } from "./volume-nodes.ts";

export const NODE = { uid: 0, gid: 0 };
export const text = (content: string): Uint8Array => bytesOf(content as ByteString);
export const named = (name: string): ByteString => name as ByteString;

export function boot(store: TestStore, readOnly = false, tree?: RamTree) {
  const volume = testVolume(store, readOnly);
  const k = new TestKernel([ramRoot(tree), fsVolume], { volumes: [volume] });
  const mounted = k.kernel.get(namespace).mounts.find(({ fs }) => fs.type === "volume");
  assert.ok(mounted?.fs instanceof VolumeFileSystem, "the volume is not mounted");
  return { k, volume, fs: mounted.fs };
}

/** What a store holds as a machine sees it, or why none can. */
export function open(bytes: Uint8Array): string {
  const k = new TestKernel([ramRoot()]);
  const fs = VolumeFileSystem.open(k.kernel, testVolume(new TestStore(bytes)));
  return fs instanceof LoadError ? `refused: ${fs.message}` : shown(fs);
}

/** All of a file system, as text. */
export function shown(fs: VolumeFileSystem): string {
  const lines: string[] = [];
  const show = (path: string, inode: RamInode): void => {
    const { number, mode, uid, gid, rdev, links, size, mtime, ctime, btime } = inode;
    const times = [mtime, ctime, btime].map(({ seconds, nanoseconds }) => `${seconds}.${nanoseconds}`).join(" ");
    lines.push(`${path} ${number} ${mode.toString(8)} ${uid}:${gid} ${rdev} ${links} ${size} ${times}`);
    if (inode instanceof VolumeFile) {
      const bytes = new Uint8Array(Math.min(size, 1 << 20));
      inode.body.read(bytes, 0);
      const content = size > 20_000 ? `sum ${crc32(bytes)}` : byteString(bytes).replaceAll("\0", ".");
      lines.push(`  ${inode.blocks} ${content}`);
    }
    if (inode.type === S.IFLNK) lines.push(`  ${(inode as unknown as { target: string }).target}`);
    if (!(inode instanceof VolumeDirectory)) return;
    for (const [name, child] of [...inode.children].sort(([a], [b]) => (a < b ? -1 : 1)))
      show(`${path}/${name}`, child);
  };
  show("", fs.root);
  return lines.join("\n");
}

export function make(
  directory: RamInode,
  name: string,
  mode: number,
  more: { target?: ByteString; rdev?: number } = {},
) {
  const made = directory.make(named(name), { mode, ...NODE, ...more });
  assert.ok(!(made instanceof Errno) && "fs" in made, `${name} was not made`);
  return made as RamInode;
}

export const file = (directory: RamInode, name: string, content: string): VolumeFile => {
  const made = make(directory, name, S.IFREG | 0o644) as VolumeFile;
  assert.equal(made.write(text(content), 0), content.length);
  return made;
};

/** Changes of every kind, each a step from one state to the next. */
export const CHANGES: readonly ((fs: VolumeFileSystem) => void)[] = [
  ({ root }) => void file(root, "a", "first"),
  ({ root }) => void make(root, "dir", S.IFDIR | 0o1777),
  ({ root }) => void (root.lookup(named("a")) as VolumeFile).write(text("again"), 3),
  ({ root }) => void file(root.lookup(named("dir")) as RamInode, "inner", "x".repeat(5000)),
  ({ root }) => void make(root, "link", S.IFLNK | 0o777, { target: named("dir/inner") }),
  ({ root }) => void root.link(named("hard"), root.lookup(named("a")) as RamInode),
  ({ root }) => void root.rename(named("a"), root.lookup(named("dir")) as RamInode, named("moved"), false),
  ({ root }) => void (root.lookup(named("hard")) as RamInode).change({ mode: 0o600, uid: 7, gid: 8 }),
  ({ root }) => void make(root, "null", S.IFCHR | 0o666, { rdev: 0x103 }),
  ({ root }) => void (root.lookup(named("hard")) as VolumeFile).truncate(2),
  ({ root }) => void (root.lookup(named("hard")) as VolumeFile).truncate(9000),
  ({ root }) => {
    const hard = root.lookup(named("hard")) as VolumeFile;
    hard.write(text("far"), 20_000);
    hard.allocate(FALLOC.PUNCH_HOLE | FALLOC.KEEP_SIZE, 0, 4096);
  },
  ({ root }) => {
    const made = root.makeUnnamed({ mode: S.IFREG | 0o600, ...NODE }) as VolumeFile;
    made.write(text("unnamed at first"), 0);
    root.link(named("named"), made);
  },
  ({ root }) => void file(root, "new", "over what is there"),
  ({ root }) => void root.rename(named("new"), root, named("hard"), false),
  ({ root }) => void root.rename(named("named"), root, named("dir"), true),
  ({ root }) => void root.unlink(named("link")),
  ({ root }) => {
    const named_ = root.lookup(named("named")) as RamInode;
    named_.unlink(named("inner"));
    named_.unlink(named("moved"));
    root.rmdir(named("named"));
  },
];

/** A generator of numbers from 0 to 1 (xorshift). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
