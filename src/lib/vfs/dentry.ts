import { S } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { FileSystem, Inode } from "./inode.ts";

/**
 * A name in a directory, found once: it gives a place in the tree an identity, so that a working directory or an open
 * file knows its path also after a rename above it. It is no cache: each walk asks the directory again.
 */
export class Dentry {
  /** Itself, in the root of a file system. */
  parent: Dentry;
  name: ByteString;
  readonly inode: Inode;
  /** The file system that is mounted over this directory. */
  mounted: Mount | undefined;
  /** True once the name is gone: then the path is history. */
  removed = false;
  private children: Map<ByteString, Dentry> | undefined;

  constructor(parent: Dentry | undefined, name: ByteString, inode: Inode) {
    this.parent = parent ?? this;
    this.name = name;
    this.inode = inode;
  }

  get isDirectory(): boolean {
    return this.inode.type === S.IFDIR;
  }

  get isSymlink(): boolean {
    return this.inode.type === S.IFLNK;
  }

  /** The dentry of a name that was found to stand for `inode`. */
  child(name: ByteString, inode: Inode): Dentry {
    const known = this.children?.get(name);
    if (known?.inode === inode) return known;
    if (known !== undefined) known.removed = true;
    const made = new Dentry(this, name, inode);
    this.children ??= new Map();
    this.children.set(name, made);
    return made;
  }

  /** What is known under a name, for those who change it. */
  known(name: ByteString): Dentry | undefined {
    return this.children?.get(name);
  }

  /** The name was removed. */
  forget(name: ByteString): void {
    const known = this.children?.get(name);
    if (known === undefined) return;
    known.removed = true;
    this.children?.delete(name);
  }

  /** The name moved to another place, over what was there; an exchange is two of these, after taking both out. */
  moveTo(parent: Dentry, name: ByteString): void {
    if (this.parent.known(this.name) === this) this.parent.children?.delete(this.name);
    parent.forget(name);
    parent.children ??= new Map();
    parent.children.set(name, this);
    this.parent = parent;
    this.name = name;
    this.removed = false;
  }
}

/** A file system at a place in the tree. */
export class Mount {
  readonly fs: FileSystem;
  readonly id: number;
  readonly root: Dentry;
  /** What it lies over; undefined for the root of all. */
  readonly over: Location | undefined;

  constructor(fs: FileSystem, id: number, over: Location | undefined) {
    this.fs = fs;
    this.id = id;
    this.over = over;
    this.root = new Dentry(undefined, "" as ByteString, fs.root);
  }

  get location(): Location {
    return { mount: this, dentry: this.root };
  }
}

/** A place in the tree (struct path). */
export interface Location {
  readonly mount: Mount;
  readonly dentry: Dentry;
}

export function samePlace(a: Location, b: Location): boolean {
  return a.mount === b.mount && a.dentry === b.dentry;
}

/** What is seen at a place: the topmost file system mounted there. */
export function crossMounts(location: Location): Location {
  let { mount, dentry } = location;
  while (dentry.mounted !== undefined) {
    mount = dentry.mounted;
    dentry = mount.root;
  }
  return mount === location.mount ? location : { mount, dentry };
}

/** The place itself, or what it is mounted over as long as it is a root: where ".." starts. */
export function underMounts(location: Location): Location {
  let at = location;
  while (at.dentry === at.mount.root && at.mount.over !== undefined) at = at.mount.over;
  return at;
}

/** The absolute path of a place as seen from `root`; undefined if the place is not below it. */
export function pathOf(location: Location, root: Location): ByteString | undefined {
  const names: ByteString[] = [];
  for (let at = location; !samePlace(at, root); ) {
    const under = underMounts(at);
    if (!samePlace(under, at)) {
      // A chroot may be the mounted directory itself as well as the one below it.
      if (samePlace(under, root)) break;
      at = under;
    }
    if (at.dentry === at.dentry.parent) return undefined;
    names.push(at.dentry.name);
    at = { mount: at.mount, dentry: at.dentry.parent };
  }
  return `/${names.reverse().join("/")}` as ByteString;
}

/** Whether a place, or a directory above it, has lost its name. */
export function isRemoved({ dentry }: Location): boolean {
  return dentry.removed;
}
