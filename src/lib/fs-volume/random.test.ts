/** Random changes, and a crash at a random point: the volume is in a state that it had, and goes on from there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Errno } from "../../abi/errno.ts";
import { FALLOC } from "../../abi/fcntl.ts";
import { S } from "../../abi/stat.ts";
import { TestStore } from "../../host/test/index.ts";
import type { RamInode } from "../fs-ram/index.ts";
import { boot, NODE, named, open, seeded, shown } from "./kept.test.ts";
import type { VolumeFileSystem } from "./volume-file-system.ts";
import { VolumeDirectory, VolumeFile } from "./volume-nodes.ts";

const SEEDS = 12;
const LIVES = 6;
const CHANGES_A_LIFE = 60;
const NAMES = ["a", "b", "c", "d"];

class Changes {
  private readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** Does something that may fail, as a program's calls may. */
  make(fs: VolumeFileSystem): void {
    const directory = this.pick(directoriesOf(fs.root));
    const name = named(this.pick(NAMES));
    const found = directory.lookup(name);
    const inode = found instanceof Errno ? undefined : found;
    switch (this.below(9)) {
      case 0:
        directory.make(name, { mode: S.IFDIR | 0o755, ...NODE });
        break;
      case 1:
        directory.make(name, { mode: S.IFLNK | 0o777, ...NODE, target: named(this.pick(NAMES).repeat(9)) });
        break;
      case 2:
        this.removeOrRename(fs, directory, inode, name);
        break;
      case 3:
        if (inode instanceof VolumeFile) this.pick(directoriesOf(fs.root)).link(named(this.pick(NAMES)), inode);
        break;
      case 4:
        inode?.change({
          mode: this.below(0o1000),
          uid: this.below(9),
          mtime: { seconds: -this.below(99), nanoseconds: 7 },
        });
        break;
      default: {
        const made = inode ?? directory.make(name, { mode: S.IFREG | 0o644, ...NODE });
        if (made instanceof VolumeFile) this.changeFile(made);
      }
    }
  }

  private changeFile(file: VolumeFile): void {
    const at = this.below(3) === 0 ? this.below(200_000) : this.below(9000);
    const length = this.below(4) === 0 ? this.below(70_000) : this.below(300);
    switch (this.below(5)) {
      case 0:
        file.truncate(at);
        break;
      case 1:
        file.allocate(FALLOC.PUNCH_HOLE | FALLOC.KEEP_SIZE, at, length + 1);
        break;
      case 2:
        file.allocate(0, at, length + 1);
        break;
      default:
        file.write(new Uint8Array(length).fill(65 + this.below(26)), at);
    }
  }

  private removeOrRename(
    fs: VolumeFileSystem,
    directory: VolumeDirectory,
    inode: RamInode | undefined,
    name: ReturnType<typeof named>,
  ): void {
    if (inode === undefined) return;
    if (this.below(2) === 0) {
      if (inode instanceof VolumeDirectory) directory.rmdir(name);
      else directory.unlink(name);
      return;
    }
    const to = this.pick(directoriesOf(fs.root));
    const newName = named(this.pick(NAMES));
    const replaced = to.lookup(newName);
    // What the tree of names refuses before a file system is asked: a directory into itself, or over something else.
    if (inode instanceof VolumeDirectory && directoriesOf(inode).includes(to)) return;
    if (replaced instanceof VolumeDirectory && directoriesOf(replaced).includes(directory)) return;
    const kindsDiffer = !(replaced instanceof Errno) && (replaced.type === S.IFDIR) !== (inode.type === S.IFDIR);
    if (replaced === inode || kindsDiffer) return;
    directory.rename(name, to, newName, !(replaced instanceof Errno) && this.below(3) === 0);
  }
}

/** A directory and those below it. */
function directoriesOf(root: RamInode): readonly VolumeDirectory[] {
  const found = [root as VolumeDirectory];
  for (const directory of found)
    for (const [, child] of directory.children) if (child instanceof VolumeDirectory) found.push(child);
  return found;
}

/** Compares line by line, so that a failure can be read. */
function same(actual: string, expected: string, what: string): void {
  const wanted = expected.split("\n");
  for (const [i, line] of actual.split("\n").entries()) assert.equal(line, wanted[i], `${what}: ${wanted[i - 1]}`);
}

for (let seed = 1; seed <= SEEDS; seed++) {
  test(`random changes and crashes, seed ${seed}`, () => {
    const random = seeded(seed * 7919);
    const changes = new Changes(random);
    let bytes = new Uint8Array();
    for (let life = 0; life < LIVES; life++) {
      const store = new TestStore(bytes);
      const { k, fs, volume } = boot(store);
      const states = [shown(fs)];
      /** The state that must be there at least, by the number of the store's steps. */
      let sure = 0;
      for (let i = 0; i < CHANGES_A_LIFE; i++) {
        k.clock.advance(1 + changes.below(1e9));
        const before = store.steps.length;
        changes.make(fs);
        const synced = changes.below(9) === 0;
        if (synced || changes.below(3) === 0) assert.equal(synced ? fs.sync() : fs.keep(), 0);
        // Whoever allocates has the log written too.
        if (store.steps.length > before) states.push(shown(fs));
        if (synced) sure = states.length - 1;
      }
      const orderly = changes.below(2) === 0;
      if (orderly) {
        states.push(shown(fs));
        assert.deepEqual(volume.close(), []);
        same(open(store.bytes), states.at(-1)!, `life ${life}, in order`);
      } else {
        const state = open(store.bytes);
        if (!states.includes(state, sure)) same(state, states.at(-1)!, `life ${life}, crashed`);
      }
      bytes = store.bytes;
    }
  });
}
