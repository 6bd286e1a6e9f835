/** The root of an image, as libraries that put it into a machine. */
import { S } from "../abi/stat.ts";
import type { ByteString } from "../base/bytes.ts";
import type { Library } from "../kernel/library.ts";
import { type RamEntry, ramRoot } from "../lib/fs-ram/index.ts";
import { solo } from "../lib/solo/index.ts";
import type { OpenImage } from "./container.ts";
import type { RootInode } from "./manifest.ts";

/** Makes the library that gives a machine the image's files, or its one program. */
export type RootMaker = (image: OpenImage) => Library;

/** All files, in memory; each is read when somebody asks for its bytes. */
export const wholeRoot: RootMaker = (image) => {
  const { names, inodes } = image.manifest.root;
  const entries = inodes.map((inode) => entryOf(image, inode));
  return ramRoot(new Map<ByteString, RamEntry>(names.map(({ path, inode }) => [path, entries[inode]!])));
};

/** The program alone. */
export const soloRoot: RootMaker = (image) => {
  const { program, root } = image.manifest;
  const row = root.names.find(({ path }) => `/${path}` === program.path);
  const { blob, digest = "" } = root.inodes[row!.inode]!;
  return solo({ path: program.path, content: image.blob(blob!), digest });
};

function entryOf(image: OpenImage, inode: RootInode): RamEntry {
  const { mode, uid, gid, mtime, blob, digest, target, device } = inode;
  const [seconds, nanoseconds] = mtime;
  const meta = { mode: mode & ~S.IFMT, uid, gid, mtime: { seconds, nanoseconds } };
  switch (mode & S.IFMT) {
    case S.IFREG: {
      const { size } = image.manifest.blobs[blob!]!;
      const read = (): Uint8Array => image.blob(blob!);
      return { ...meta, type: "file", size, read, ...(digest === undefined ? {} : { digest }) };
    }
    case S.IFDIR:
      return { ...meta, type: "directory" };
    case S.IFLNK:
      return { ...meta, type: "symlink", target: target! };
    case S.IFIFO:
      return { ...meta, type: "fifo" };
    default: {
      const [major, minor] = device!;
      return { ...meta, type: (mode & S.IFMT) === S.IFBLK ? "block" : "char", major, minor };
    }
  }
}
