import type { Result } from "../../abi/errno.ts";
import { ENOSPC } from "../../abi/errno.ts";
import { RamDirectory, RamFile, type RamInode, RamSymlink } from "../fs-ram/index.ts";

/** Copies what is in a directory to an empty one of another file system: with owners, modes, times and hard links. */
export function copyTree(from: RamDirectory, to: RamDirectory): Result<0> {
  const copies = new Map<RamInode, RamInode>();
  const pending: [RamDirectory, RamDirectory][] = [[from, to]];
  for (const [source, target] of pending) {
    for (const [name, inode] of source.children) {
      const known = copies.get(inode);
      const copy = known ?? copyOf(inode, to);
      if (copy === undefined) return ENOSPC;
      if (known !== undefined) known.links++;
      copies.set(inode, copy);
      target.add(name, copy);
      if (inode instanceof RamDirectory && copy instanceof RamDirectory) pending.push([inode, copy]);
    }
    takeAttributes(target, source);
  }
  return 0;
}

/** A copy without a name; undefined if there is no room for it. */
function copyOf(inode: RamInode, { fs }: RamDirectory): RamInode | undefined {
  const { mode, uid, gid, rdev, mtime } = inode;
  const target = inode instanceof RamSymlink ? { target: inode.target } : {};
  const copy = fs.create({ mode, uid, gid, rdev, ...target }, mtime);
  if (!(inode instanceof RamFile && copy instanceof RamFile)) return copy;
  const bytes = new Uint8Array(inode.size);
  inode.body.read(bytes, 0);
  return copy.body.write(bytes, 0) === bytes.length ? copy : undefined;
}

function takeAttributes(target: RamInode, { mode, uid, gid, mtime }: RamInode): void {
  target.mode = mode;
  target.uid = uid;
  target.gid = gid;
  target.mtime = mtime;
}
