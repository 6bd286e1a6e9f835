/**
 * The walk from a path to a place: path_resolution(7). Order of checks: link_path_walk(), walk_component() and
 * step_into() in fs/namei.c.
 */
import { EAGAIN, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, Errno, EXDEV } from "../../abi/errno.ts";
import { RESOLVE } from "../../abi/fcntl.ts";
import { MAX_SYMLINKS, NAME_MAX } from "../../abi/limits.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Process } from "../../kernel/process.ts";
import type { Task } from "../../kernel/task.ts";
import { type Answer, isBlocking } from "../../kernel/wait.ts";
import { chain, orAbsent } from "../posix-fdio/chain.ts";
import { crossMounts, type Location, samePlace, underMounts } from "./dentry.ts";
import type { Inode } from "./inode.ts";
import { checkAccess, MAY } from "./permission.ts";

/** The last component of a path, not looked up: what is to be made, removed or renamed. */
export interface Last {
  readonly parent: Location;
  readonly name: ByteString;
  /** "name" for a proper name; the others can neither be made nor removed. */
  readonly kind: "name" | "dot" | "dotdot" | "root";
  /** Slashes follow it: only a directory will do. */
  readonly slashed: boolean;
}

export interface WalkOptions {
  /** Whether a link in the last component is followed. Default true. */
  readonly follow?: boolean;
  /** RESOLVE_* bits of openat2(2). */
  readonly resolve?: number;
}

export class Walk {
  private readonly process: Process;
  private root: Location;
  private here: Location;
  /** Components to come, the next one at the end. */
  private left: ByteString[] = [];
  /** The last component must be a directory. */
  private slashed = false;
  private links = 0;
  private readonly follow: boolean;
  private readonly resolve: number;

  /** @param start - where a relative path begins. */
  constructor(process: Process, root: Location, start: Location, path: ByteString, options: WalkOptions = {}) {
    this.process = process;
    this.follow = options.follow ?? true;
    this.resolve = options.resolve ?? 0;
    this.root = this.resolve & (RESOLVE.BENEATH | RESOLVE.IN_ROOT) ? start : root;
    this.here = start;
    if (path.startsWith("/")) this.here = this.root;
    this.push(path);
  }

  /** Walks the whole path. */
  run(): Answer<Location> {
    for (let name = this.left.pop(); name !== undefined; name = this.left.pop()) {
      const step = this.step(name);
      if (isBlocking(step)) return this.resolve & RESOLVE.CACHED ? EAGAIN : chain(step, () => this.run());
      if (step instanceof Errno) return step;
    }
    return this.slashed && !this.here.dentry.isDirectory ? ENOTDIR : this.here;
  }

  /** Walks to the directory of the last component. */
  toLast(): Answer<Last> {
    while (this.left.length > 1) {
      const step = this.step(this.left.pop()!);
      if (isBlocking(step)) return this.resolve & RESOLVE.CACHED ? EAGAIN : chain(step, () => this.toLast());
      if (step instanceof Errno) return step;
    }
    const name = this.left.pop() ?? ("" as ByteString);
    const kind = name === "" ? "root" : name === "." ? "dot" : name === ".." ? "dotdot" : "name";
    const last: Last = { parent: this.here, name, kind, slashed: this.slashed };
    return chain(this.maySearch(), () => (name.length > NAME_MAX ? ENAMETOOLONG : last));
  }

  /**
   * Looks up what {@link toLast} answered. "link" says that a link was there and is followed: the walk goes on with
   * another {@link toLast}.
   */
  lookUpLast(last: Last): Answer<Location | "link" | "absent"> {
    if (last.kind !== "name") {
      if (last.kind !== "root") this.left.push(last.name);
      return this.run();
    }
    return chain(orAbsent(this.here.dentry.inode.lookup(last.name)), (inode): Answer<Location | "link" | "absent"> => {
      if (inode === undefined) return "absent";
      return chain(this.into(last.name, inode), () => (this.left.length > 0 ? "link" : this.here));
    });
  }

  /** Takes a link's text in; an absolute one starts at the root. */
  private push(path: ByteString): Errno | undefined {
    const last = this.left.length === 0;
    if (path.startsWith("/")) {
      if (this.resolve & RESOLVE.BENEATH) return EXDEV;
      if (this.resolve & RESOLVE.NO_XDEV && this.here.mount !== this.root.mount) return EXDEV;
      this.here = this.root;
    }
    const parts = path.split("/");
    for (let i = parts.length - 1; i >= 0; i--) if (parts[i] !== "") this.left.push(parts[i] as ByteString);
    if (last && path.endsWith("/")) this.slashed = true;
    return undefined;
  }

  private step(name: ByteString): Answer<0> {
    const searched = this.maySearch();
    if (isBlocking(searched)) return chain(searched, () => this.enter(name));
    return searched instanceof Errno ? searched : this.enter(name);
  }

  /** Whether names can be looked up here. */
  private maySearch(): Answer<0> {
    const { inode } = this.here.dentry;
    if (!this.here.dentry.isDirectory) return ENOTDIR;
    const attributes = inode.attributes();
    if (isBlocking(attributes)) return chain(attributes, (found) => checkAccess(this.process, found, MAY.EXEC) ?? 0);
    return attributes instanceof Errno ? attributes : (checkAccess(this.process, attributes, MAY.EXEC) ?? 0);
  }

  private enter(name: ByteString): Answer<0> {
    if (name === ".") return 0;
    if (name === "..") return this.ascend();
    if (name.length > NAME_MAX) return ENAMETOOLONG;
    const found = this.here.dentry.inode.lookup(name);
    if (isBlocking(found)) return chain(found, (inode) => this.into(name, inode));
    return found instanceof Errno ? found : this.into(name, found);
  }

  /** ".." of the root is the root; of a mounted root it is what lies below. */
  private ascend(): Answer<0> {
    if (samePlace(this.here, this.root)) return this.resolve & RESOLVE.BENEATH ? EXDEV : 0;
    const { mount, dentry } = underMounts(this.here);
    if (mount !== this.here.mount && this.resolve & RESOLVE.NO_XDEV) return EXDEV;
    const above = { mount, dentry: dentry.parent };
    this.here = samePlace(above, this.root) ? this.root : crossMounts(above);
    return 0;
  }

  private into(name: ByteString, inode: Inode): Answer<0> {
    const { mount, dentry } = this.here;
    const child = { mount, dentry: dentry.child(name, inode) };
    const last = this.left.length === 0;
    if (child.dentry.isSymlink && (!last || this.follow || this.slashed)) return this.throughLink(inode);
    this.here = crossMounts(child);
    return this.here.mount !== mount && this.resolve & RESOLVE.NO_XDEV ? EXDEV : 0;
  }

  private throughLink(inode: Inode): Answer<0> {
    if (this.resolve & RESOLVE.NO_SYMLINKS) return ELOOP;
    if (++this.links > MAX_SYMLINKS) return ELOOP;
    const task = this.task;
    if (inode.follow !== undefined) return this.throughMagicLink(inode.follow(task));
    return chain(inode.readLink(task), (target) => {
      if (target === "") return ENOENT;
      return this.push(target) ?? 0;
    });
  }

  private throughMagicLink(target: Answer<Location>): Answer<0> {
    if (this.resolve & RESOLVE.NO_MAGICLINKS) return ELOOP;
    if (this.resolve & (RESOLVE.BENEATH | RESOLVE.IN_ROOT)) return EXDEV;
    return chain(target, (location) => {
      if (this.resolve & RESOLVE.NO_XDEV && location.mount !== this.here.mount) return EXDEV;
      this.here = location;
      return 0;
    });
  }

  /** Links in /proc ask on whose behalf they are read. */
  private get task(): Task {
    const [first] = this.process.tasks;
    return this.process.kernel.current?.process === this.process ? this.process.kernel.current : first!;
  }
}
