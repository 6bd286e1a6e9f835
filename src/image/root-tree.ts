/**
 * A root file system as plain data: what there is, not yet what it contains.
 *
 * A source (directory, archive, Debian packages) describes its files once; bodies are read when somebody asks. A file
 * system in memory is filled from it by one walk over `entries`.
 */
import { type ByteString, utf8Decode } from "../base/bytes.ts";
import { ImageError } from "./image-error.ts";

/** What every kind of file has. */
export interface RootMeta {
  /** Permission bits with set-uid, set-gid and sticky: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Since 1970; seconds may be negative, nanoseconds are 0 to 999,999,999. */
  readonly mtime: { readonly seconds: number; readonly nanoseconds: number };
}

export interface RootFile extends RootMeta {
  readonly type: "file";
  /** Bytes, when the source was listed. A file of a live directory may have another length when it is read. */
  readonly size: number;
  /** Reads the whole body, synchronously; throws only if the host's own disk fails. */
  read(): Uint8Array;
}

export interface RootDirectory extends RootMeta {
  readonly type: "directory";
}

export interface RootSymlink extends RootMeta {
  readonly type: "symlink";
  /** As stored: never followed on the host, so it may point anywhere in the guest. */
  readonly target: ByteString;
}

export interface RootDevice extends RootMeta {
  readonly type: "char" | "block";
  readonly major: number;
  readonly minor: number;
}

export interface RootFifo extends RootMeta {
  readonly type: "fifo";
}

/**
 * One inode. Two paths that hold the same object are hard links to one file.
 */
export type RootEntry = RootFile | RootDirectory | RootSymlink | RootDevice | RootFifo;

export interface RootTree {
  /**
   * Every entry by its path. Paths have no leading slash and no "." or ".." component; "" is the root directory, always
   * the first; a directory comes before what is in it, and no path runs through a symbolic link.
   */
  readonly entries: ReadonlyMap<ByteString, RootEntry>;
  /** The absolute path of the program that the source is about (`debian:PACKAGE`); undefined if it is about none. */
  readonly command: ByteString | undefined;
  /** Where entries came from, in words such as a package with its version and digest; for those of which that is known. */
  readonly origins?: ReadonlyMap<RootEntry, string>;
  /** Gives back the host's file descriptors; bodies cannot be read afterwards. */
  close(): void;
}

/** As many symbolic links as Linux follows in one path (MAXSYMLINKS in include/linux/namei.h). */
const MAX_LINKS = 40;

/** Who made a directory that no archive mentions. */
const IMPLIED_DIRECTORY: RootDirectory = {
  type: "directory",
  mode: 0o755,
  uid: 0,
  gid: 0,
  mtime: { seconds: 0, nanoseconds: 0 },
};

/**
 * Lays archives over one another in the way of dpkg(1): parents are found through symbolic links, so that /lib/x lands
 * in /usr/lib once /lib is a link; a directory entry leaves a link to a directory in peace; later files replace
 * earlier ones; a file never replaces a directory.
 */
export class RootBuilder {
  /** Where what is added from now on comes from. */
  origin: string | undefined;
  readonly #origins = new Map<RootEntry, string>();
  readonly #entries = new Map<ByteString, RootEntry>([["" as ByteString, IMPLIED_DIRECTORY]]);

  get entries(): ReadonlyMap<ByteString, RootEntry> {
    return this.#entries;
  }

  /** Adds an entry under a clean path (see `RootTree.entries`). */
  add(path: ByteString, entry: RootEntry): ImageError | undefined {
    const place = this.#place(path);
    if (place instanceof ImageError) return place;
    const present = this.#entries.get(place);
    if (entry.type === "directory") {
      if (present?.type === "symlink" && this.resolve(place)?.entry.type === "directory") return undefined;
      if (present !== undefined && present.type !== "directory") return conflict(path, "a directory", "something else");
    } else if (present?.type === "directory") return conflict(path, "a file", "a directory");
    this.#entries.set(place, entry);
    if (this.origin !== undefined) this.#origins.set(entry, this.origin);
    return undefined;
  }

  /** Makes `path` a further name of the file at `target`. */
  link(path: ByteString, target: ByteString): ImageError | undefined {
    const found = this.resolve(target, "keep-last");
    if (found !== undefined && found.entry.type !== "directory") return this.add(path, found.entry);
    return new ImageError(
      `the hard link ${show(path)} names ${show(target)}, which the archive has not brought before`,
      "Pack the whole tree again in one archive.",
    );
  }

  /** Finds what a path stands for; "keep-last" does not follow a link in the last component. */
  resolve(path: ByteString, last: "follow" | "keep-last" = "follow"): Found | undefined {
    return lookUp(this.#entries, path, last);
  }

  finish(command: ByteString | undefined, close: () => void): RootTree {
    return { entries: this.#entries, command, origins: this.#origins, close };
  }

  /** Where a path really lies: its parent's links followed, missing directories made. */
  #place(path: ByteString): ByteString | ImageError {
    const slash = path.lastIndexOf("/");
    if (slash < 0) return path;
    const parent = path.slice(0, slash) as ByteString;
    // The common case: the parent is there under its own name.
    if (this.#entries.get(parent)?.type === "directory") return path;
    const found = this.resolve(parent);
    if (found?.entry.type === "directory") return join(found.path, path.slice(slash + 1));
    if (found !== undefined) return conflict(parent, "a directory", "something else");
    const place = this.#place(parent);
    if (place instanceof ImageError) return place;
    const present = this.#entries.get(place);
    if (present !== undefined) return conflict(parent, "a directory", "a link that leads nowhere");
    this.#entries.set(place, IMPLIED_DIRECTORY);
    return join(place, path.slice(slash + 1));
  }
}

export interface Found {
  /** Where the entry lies after all links. */
  readonly path: ByteString;
  readonly entry: RootEntry;
}

/** Walks a path as the guest's kernel would, ".." and absolute links clamped at the root (path_resolution(7)). */
export function lookUp(
  entries: ReadonlyMap<ByteString, RootEntry>,
  path: ByteString,
  last: "follow" | "keep-last" = "follow",
): Found | undefined {
  let here = "" as ByteString;
  let links = 0;
  const left = path.split("/").reverse();
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      here = here.slice(0, Math.max(here.lastIndexOf("/"), 0)) as ByteString;
      continue;
    }
    const next = join(here, name);
    const entry = entries.get(next);
    if (entry === undefined) return undefined;
    if (entry.type === "symlink" && (left.length > 0 || last === "follow")) {
      if (++links > MAX_LINKS) return undefined;
      left.push(...entry.target.split("/").reverse());
      if (entry.target.startsWith("/")) here = "" as ByteString;
    } else here = next;
  }
  const entry = entries.get(here);
  return entry && { path: here, entry };
}

function join(directory: ByteString, name: string): ByteString {
  return (directory === "" ? name : `${directory}/${name}`) as ByteString;
}

/** Shows a path in a message: control characters of a hostile name do not reach the terminal. */
export function show(path: ByteString): string {
  return `"${utf8Decode(path).replace(/\p{Cc}|\p{Cf}/gu, "?")}"`;
}

function conflict(path: ByteString, wanted: string, present: string): ImageError {
  return new ImageError(
    `${show(path)} is ${wanted} in one place and ${present} in another`,
    "The archive is damaged, or its packages do not go together: pack or choose them anew.",
  );
}
