import { EBUSY, ENOTDIR, Errno, type Result } from "../../abi/errno.ts";
import { makeDevice, S } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { ExtensionPoint } from "../../kernel/library.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import { isBlocking } from "../../kernel/wait.ts";
import { crossMounts, type Location, Mount } from "./dentry.ts";
import type { FileSystem, Inode } from "./inode.ts";

/** A file system that is there from the start. */
export interface BootMount {
  /** Where: an absolute path without links; directories that lack are made. */
  readonly target: ByteString;
  /** @param over - the directory that it will lie over; the root has none. */
  make(kernel: Kernel, over?: Inode): FileSystem;
}

/** What is mounted when the machine starts, the shorter paths first. Exactly one has the target "/". */
export const bootMount = new ExtensionPoint<BootMount>("bootMount");

/** Mounts that are known only when the machine has started, such as the folders that its host grants. */
export const bootMounts = new ExtensionPoint<(kernel: Kernel) => readonly BootMount[]>("bootMounts");

/** What is mounted where. One for the whole machine. */
export class Namespace {
  readonly root: Mount;
  private readonly list: Mount[] = [];

  constructor(root: FileSystem) {
    this.root = this.add(root, undefined);
  }

  /** In the order of mounting. */
  get mounts(): readonly Mount[] {
    return this.list;
  }

  /** Puts a file system over a place: a directory over a directory. */
  mount(fs: FileSystem, at: Location): Result<Mount> {
    if (!at.dentry.isDirectory || fs.root.type !== S.IFDIR) return ENOTDIR;
    if (at.dentry.mounted !== undefined) return EBUSY;
    const mount = this.add(fs, at);
    at.dentry.mounted = mount;
    return mount;
  }

  private add(fs: FileSystem, over: Location | undefined): Mount {
    const mount = new Mount(fs, this.list.length + 1, over);
    this.list.push(mount);
    return mount;
  }
}

/** The namespace of a machine, made with its mounts when it is first asked for. */
export const namespace = perKernel<Namespace>((kernel) => {
  const wanted = [...kernel.extensions(bootMount), ...kernel.extensions(bootMounts).flatMap((make) => make(kernel))];
  wanted.sort((a, b) => depth(a.target) - depth(b.target));
  const [root, ...others] = wanted;
  if (root === undefined || depth(root.target) !== 0)
    throw new Error("no library of the image mounts a root file system");
  const made = new Namespace(root.make(kernel));
  for (const { target, make } of others) {
    const at = mountPoint(made, target);
    const mounted = made.mount(make(kernel, at.dentry.inode), at);
    if (mounted instanceof Errno) throw new Error(`cannot mount a file system at ${target}: ${mounted.name}`);
  }
  return made;
});

const names = (path: ByteString): readonly ByteString[] =>
  path.split("/").filter((name) => name !== "") as ByteString[];
const depth = (path: ByteString): number => names(path).length;

/** Finds the directory to mount on, and makes what lacks on the way, as a container runtime does. */
function mountPoint({ root }: Namespace, target: ByteString): Location {
  let at = crossMounts(root.location);
  for (const name of names(target)) {
    const inode = directoryNamed(at.dentry.inode, name);
    if (inode instanceof Errno) throw new Error(`cannot mount a file system at ${target}: ${inode.name}`);
    at = crossMounts({ mount: at.mount, dentry: at.dentry.child(name, inode) });
  }
  return at;
}

function directoryNamed(parent: Inode, name: ByteString): Result<Inode> {
  const found = parent.lookup(name);
  const inode = found instanceof Errno ? parent.make(name, { mode: S.IFDIR | 0o755, uid: 0, gid: 0 }) : found;
  // Mount points lie in file systems that are in memory, or have been mounted by the host a moment ago.
  return isBlocking(inode) ? EBUSY : inode;
}

const devices = perKernel(() => ({ next: 20 }));

/** A device number of its own for a file system without a device (get_anon_bdev). */
export function anonymousDevice(kernel: Kernel): number {
  return makeDevice(0, kernel.get(devices).next++);
}
