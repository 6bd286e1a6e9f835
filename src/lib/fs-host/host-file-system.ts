import { Errno, type Result } from "../../abi/errno.ts";
import type { Statfs } from "../../abi/riscv64/stat.ts";
import { ST } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { HostFolder, HostNode } from "../../kernel/host.ts";
import type { FileSystem } from "../vfs/index.ts";
import { orErrno } from "./errors.ts";
import { HostInode, TYPES } from "./host-inode.ts";

/** V9FS_MAGIC: the host's files by way of a protocol, the nearest that Linux has. */
const MAGIC = 0x0102_1997;

/** A granted folder of the host as a file system. Everything in it belongs to root, who the guest's programs are by default. */
export class HostFileSystem implements FileSystem {
  readonly type = "hostfs" as ByteString;
  readonly source = "host" as ByteString;
  readonly device: number;
  readonly readOnly: boolean;
  readonly root: HostInode;
  /** Grows with each rename of a directory: then what is below has to be found anew. */
  generation = 0;
  private readonly inodes = new Map<number, HostInode>();

  constructor(folder: HostFolder, device: number) {
    this.device = device;
    this.readOnly = folder.readOnly;
    this.root = new HostInode(this, folder.root, { type: "directory", inode: 1 }, undefined);
  }

  /** The inode of a host file; the same object as long as the machine runs, under whichever name it is found. */
  inodeOf(node: HostNode, directory: HostInode, name: ByteString): Result<HostInode> {
    const stat = orErrno(node.stat());
    if (stat instanceof Errno) return stat;
    const known = this.inodes.get(stat.inode);
    if (known !== undefined && known.type === TYPES[stat.type]) {
      known.foundAt(directory, name, node);
      return known;
    }
    const made = new HostInode(this, node, stat, { directory, name });
    this.inodes.set(stat.inode, made);
    return made;
  }

  /** The host does not say how much room it has; nothing is promised. */
  statfs(): Statfs {
    return {
      type: MAGIC,
      bsize: 4096,
      blocks: 0,
      bfree: 0,
      bavail: 0,
      files: 0,
      ffree: 0,
      fsid: [this.device, 0],
      namelen: 255,
      frsize: 4096,
      flags: ST.VALID | (this.readOnly ? ST.RDONLY : 0),
      spare: [0, 0, 0, 0],
    };
  }

  sync(): 0 {
    return 0;
  }
}
