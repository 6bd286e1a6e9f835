import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ENOSPC, Errno } from "../../abi/errno.ts";
import { AT_FDCWD, O } from "../../abi/fcntl.ts";
import { S } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import { type StoreStep, TestKernel, TestStore, testVolume } from "../../host/test/index.ts";
import { LoadError } from "../../kernel/loader/load-error.ts";
import { type RamEntry, type RamTree, ramRoot } from "../fs-ram/index.ts";
import { fsVolume } from "./index.ts";
import { boot, CHANGES, file, NODE, named, open, seeded, shown, text } from "./kept.test.ts";
import { VolumeFileSystem } from "./volume-file-system.ts";
import { type VolumeDirectory, VolumeFile } from "./volume-nodes.ts";

/** Makes all changes, each a batch of its own; answers the states between them, and how many steps of the store led there. */
function history(store: TestStore, syncEvery = 3): { readonly states: string[]; readonly at: number[] } {
  const { k, fs, volume } = boot(store);
  const states = [shown(fs)];
  const at = [store.steps.length];
  for (const [i, change] of CHANGES.entries()) {
    k.clock.advance(1_000_001);
    change(fs);
    assert.equal(i % syncEvery === 0 ? fs.sync() : fs.keep(), 0);
    states.push(shown(fs));
    at.push(store.steps.length);
  }
  assert.deepEqual(volume.close(), []);
  return { states, at };
}

function replayed(steps: readonly StoreStep[]): TestStore {
  const store = new TestStore();
  for (const step of steps) store.apply(step);
  return store;
}

describe("a volume", () => {
  test("is there again as it was", () => {
    const store = new TestStore();
    const { states } = history(store);
    const again = boot(new TestStore(store.bytes));
    assert.equal(shown(again.fs), states.at(-1));
    assert.deepEqual(again.volume.close(), []);
    const untouched = new TestStore(store.bytes);
    boot(untouched).volume.close();
    assert.deepEqual(untouched.steps, [], "who changes nothing writes nothing");
  });

  test("goes on with other inode numbers than those that are used", () => {
    const store = new TestStore();
    const first = boot(store);
    const { number } = file(first.fs.root, "one", "1");
    first.volume.close();
    const second = boot(store);
    assert.equal(file(second.fs.root, "two", "2").number, number + 1);
  });

  test("is unchanged if it is mounted read-only, new ones too", () => {
    const store = new TestStore();
    const fresh = boot(store, true);
    fresh.fs.root.list();
    fresh.volume.close();
    assert.equal(store.size, 0);
    history(store);
    const kept = new TestStore(store.bytes);
    const readOnly = boot(kept, true);
    readOnly.fs.root.list();
    readOnly.k.advance(1e9);
    readOnly.volume.close();
    assert.deepEqual(kept.steps, []);
  });

  test("that is new has what the image has in its place, and nothing of that later", () => {
    const at = { seconds: 5, nanoseconds: 6 };
    const meta = { uid: 3, gid: 4, mtime: at };
    const content = text("of the image");
    const shared = { type: "file", mode: 0o640, ...meta, size: content.length, read: () => content } as const;
    const tree: RamTree = new Map<ByteString, RamEntry>([
      [named(""), { type: "directory", mode: 0o755, ...meta }],
      [named("kept"), { type: "directory", mode: 0o700, ...meta }],
      [named("kept/sub"), { type: "directory", mode: 0o711, ...meta }],
      [named("kept/file"), shared],
      [named("kept/sub/same"), shared],
      [named("kept/link"), { type: "symlink", mode: 0o777, ...meta, target: named("file") }],
    ]);
    const store = new TestStore();
    const first = boot(store, false, tree);
    const state = shown(first.fs);
    assert.match(state, /^ 1 40700 3:4 0 3 100 5\.6/);
    assert.match(state, /^\/sub\/same \d+ 100640 3:4 0 2 12 5\.6.*\n {2}8 of the image$/m);
    assert.equal(open(store.bytes), state);
    first.fs.root.unlink(named("file"));
    first.volume.close();
    assert.ok(boot(new TestStore(store.bytes), false, tree).fs.root.lookup(named("file")) instanceof Errno);
    // A crash amid that leaves nothing that is taken for a volume.
    for (let count = 0; count < 6; count++) {
      const cut = replayed(store.steps.slice(0, count));
      assert.equal(shown(boot(cut, false, tree).fs), state, `after ${count} steps`);
    }
  });

  test("forgets files that nobody could reach any more", () => {
    const store = new TestStore();
    const { fs, volume } = boot(store);
    const kept = file(fs.root, "kept", "k");
    const before = shown(fs);
    const gone = file(fs.root, "gone", "y".repeat(100_000));
    gone.opened();
    fs.sync();
    fs.root.unlink(named("gone"));
    gone.write(text("still open"), 0);
    fs.sync();
    const again = boot(new TestStore(store.bytes));
    assert.deepEqual(
      [...(again.fs.root as VolumeDirectory).children].map(([name]) => name),
      ["kept"],
    );
    assert.equal(again.fs.statfs().bfree, again.fs.statfs().blocks - 1);
    gone.closed();
    volume.close();
    assert.equal(kept.links, 1);
    assert.notEqual(before, "");
  });
});

describe("after a crash", () => {
  test("at any byte, a volume is in a state that it had, no older than the last one that was synced", () => {
    const store = new TestStore();
    const { states, at } = history(store);
    const { steps } = store;
    let synced = 0;
    for (const [i, step] of steps.entries()) {
      const sure = at.filter((count) => count <= synced).length - 1;
      const lengths = step.kind === "write" ? cutsOf(step.bytes.length) : [0];
      for (const length of lengths) {
        const cut = replayed(steps.slice(0, i));
        if (step.kind === "write") cut.apply({ ...step, bytes: step.bytes.slice(0, length) });
        const state = open(cut.bytes);
        const index = states.indexOf(state);
        // Before the first state is whole there is none, and a volume is made anew.
        const isNew = i < at[0]! && state.split("\n").length === 1;
        assert.ok(isNew || index >= Math.max(sure, 0), `step ${i}, byte ${length}: ${state}`);
      }
      if (step.kind === "flush") synced = i + 1;
    }
  });

  test("that loses any of what was not flushed, the same holds", () => {
    const store = new TestStore();
    const { states, at } = history(store, 6);
    const { steps } = store;
    const random = seeded(7);
    for (let round = 0; round < 400; round++) {
      const end = at[0]! + Math.floor(random() * (steps.length - at[0]!));
      const flushed = steps.slice(0, end).findLastIndex(({ kind }) => kind === "flush") + 1;
      const some = steps.slice(flushed, end).filter(() => random() < 0.5);
      const state = open(replayed([...steps.slice(0, flushed), ...some]).bytes);
      const sure = at.filter((count) => count <= flushed).length - 1;
      assert.ok(states.indexOf(state) >= sure, `${flushed} of ${end}: ${state}`);
    }
  });

  test("what is written next is found, whatever the crash had left", () => {
    const store = new TestStore();
    const { fs } = boot(store);
    for (let i = 0; i < 5; i++) {
      file(fs.root, `f${i}`, "z".repeat(100 + i));
      fs.keep();
    }
    const last = store.steps.findLast(({ kind }) => kind === "write") as Extract<StoreStep, { kind: "write" }>;
    const torn = new TestStore(store.bytes);
    torn.apply({ kind: "write", offset: last.offset + 40, bytes: text("torn") });
    const second = boot(torn);
    file(second.fs.root, "later", "!");
    const state = shown(second.fs);
    second.volume.close();
    assert.equal(open(torn.bytes), state);
  });
});

describe("damage", () => {
  test("of any byte of a volume that was closed is passed over in no case but where nothing is lost", () => {
    const store = new TestStore();
    const { states } = history(store);
    const { bytes } = store;
    let refused = 0;
    for (let at = 0; at < bytes.length; at += at >= 64 && at < 8192 ? 61 : 7) {
      const damaged = bytes.slice();
      damaged[at] = damaged[at]! ^ 0x10;
      const state = open(damaged);
      if (state.startsWith("refused: the volume test cannot be used")) refused++;
      else assert.equal(state, states.at(-1), `byte ${at}`);
    }
    assert.ok(refused > 100, `${refused} refused`);
  });

  test("a volume that is cut short, or is none, is refused and left alone", () => {
    const store = new TestStore();
    history(store);
    for (const wrong of [store.bytes.slice(0, 8500), new Uint8Array(20_000).fill(7)]) {
      assert.match(open(wrong), /^refused/);
      const left = new TestStore(wrong);
      const k = new TestKernel([ramRoot()]);
      VolumeFileSystem.open(k.kernel, testVolume(left));
      assert.deepEqual(left.steps, []);
    }
  });

  test("keeps programs from being started, and says what to do", async () => {
    const volume = testVolume(new TestStore(new Uint8Array(20_000).fill(7)));
    const k = new TestKernel([ramRoot(), fsVolume], { volumes: [volume] });
    const answer = await k.kernel.start({ path: named("/none"), argv: [], env: [] });
    assert.ok(answer instanceof LoadError);
    assert.match(answer.message, /the volume test cannot be used: neither of its superblocks/);
    assert.match(answer.cure ?? "", /in the test/);
  });
});

describe("a log that grows", () => {
  /** Writes one file over and over. */
  function churn(store: TestStore, rounds: number) {
    const { fs, volume, k } = boot(store);
    const big = file(fs.root, "big", "");
    file(fs.root, "small", "stays");
    for (let i = 0; i < rounds; i++) {
      k.clock.advance(1_000_001);
      big.write(text(String.fromCharCode(97 + (i % 26)).repeat(200_000)), 0);
      assert.equal(fs.keep(), 0);
    }
    const state = shown(fs);
    volume.close();
    return state;
  }

  test("is written anew, and the store gets smaller again", () => {
    const store = new TestStore();
    const state = churn(store, 40);
    assert.ok(store.size < 2_000_000, `${store.size} bytes`);
    assert.equal(open(store.bytes), state);
  });

  test("loses nothing if that is cut off anywhere", () => {
    const store = new TestStore();
    churn(store, 8);
    const { steps } = store;
    const moves = steps.findIndex(({ kind }, i) => i > 6 && kind === "truncate");
    assert.ok(moves > 0, "it was not written anew");
    for (let i = moves - 12; i <= moves + 1; i++) {
      const step = steps[i]!;
      for (const length of step.kind === "write" ? [0, 1, 40, step.bytes.length >> 1, step.bytes.length - 1] : [0]) {
        const cut = replayed(steps.slice(0, i));
        if (step.kind === "write") cut.apply({ ...step, bytes: step.bytes.slice(0, length) });
        assert.match(open(cut.bytes), /^\/small .*\n {2}8 stays$/m, `step ${i}, byte ${length}`);
      }
    }
  });
});

describe("a store without room", () => {
  test("is told to who writes, and takes more when something was removed", () => {
    const store = new TestStore();
    store.quota = 3_000_000;
    const { fs, volume } = boot(store);
    const full = Array.from({ length: 40 }, (_, i) => {
      const made = fs.root.make(named(`f${i}`), { mode: S.IFREG | 0o644, ...NODE });
      return made instanceof VolumeFile ? made.write(new Uint8Array(200_000).fill(65 + i), 0) : made;
    });
    assert.equal(full[0], 200_000);
    assert.equal(full.at(-1), ENOSPC);
    assert.equal(fs.sync(), ENOSPC);
    for (let i = 2; i < 40; i++) fs.root.unlink(named(`f${i}`));
    assert.equal(fs.sync(), 0);
    const state = shown(fs);
    assert.deepEqual(volume.close(), []);
    assert.equal(open(store.bytes), state);
  });

  test("is left for others while it is full: what was begun in vain is no part of the log", () => {
    const store = new TestStore();
    const { fs } = boot(store);
    store.quota = 7_000_000;
    const large = file(fs.root, "large", "");
    large.body.write(new Uint8Array(9_000_000).fill(1), 0);
    file(fs.root, "small", "kept");
    for (let i = 0; i < 3; i++) assert.equal(large.allocate(0, 0, 9_000_000), ENOSPC);
    assert.ok(store.size <= 7_000_000);
    large.truncate(0);
    assert.equal(fs.sync(), 0);
    assert.equal(open(store.bytes), shown(fs));
  });

  test("is told at the end if nobody asked before", () => {
    const store = new TestStore();
    const { fs, volume } = boot(store);
    store.quota = store.size + 100;
    file(fs.root, "a", "x".repeat(5000));
    assert.match(volume.close().join(), /written last to the volume test is lost: there is no room/);
  });

  test("that fails is not relied on again", () => {
    const store = new TestStore();
    const { fs, volume } = boot(store);
    file(fs.root, "a", "1");
    store.broken = true;
    assert.equal((fs.sync() as Errno).name, "EIO");
    assert.match(volume.close().join(), /cannot be written/);
  });
});

describe("system calls", () => {
  test("fsync flushes; what is not synced is written down soon", () => {
    const store = new TestStore();
    const { k } = boot(store);
    const task = k.process();
    const fd = Number(k.call(task, "openat", AT_FDCWD, k.string(task, "/kept/f"), O.CREAT | O.RDWR, 0o644));
    k.call(task, "write", fd, k.string(task, "durable"), 7);
    assert.doesNotMatch(open(store.bytes), /durable/);
    assert.equal(k.call(task, "fsync", fd), 0);
    assert.equal(store.steps.at(-1)?.kind, "flush");
    assert.match(open(store.bytes), /^ {2}8 durable$/m);
    k.call(task, "write", fd, k.string(task, " later"), 6);
    k.advance(150e6);
    assert.match(open(store.bytes), /^ {2}8 durable later$/m);
    assert.equal(store.steps.at(-1)?.kind, "write");
    k.assertIdle();
  });

  test("O_DSYNC makes each write safe", () => {
    const store = new TestStore();
    const { k } = boot(store);
    const task = k.process();
    const path = k.string(task, "/kept/f");
    const fd = Number(k.call(task, "openat", AT_FDCWD, path, O.CREAT | O.WRONLY | O.DSYNC, 0o644));
    assert.equal(k.call(task, "write", fd, k.string(task, "at once"), 7), 7);
    assert.equal(store.steps.at(-1)?.kind, "flush");
    assert.match(open(store.bytes), /^ {2}8 at once$/m);
  });
});

/** Lengths of a write that was cut off: all of a short one, some of a long one. */
function cutsOf(length: number): readonly number[] {
  const all = Array.from({ length }, (_, i) => i);
  return length <= 600 ? all : all.filter((i) => i < 200 || i % 97 === 0 || i > length - 100);
}
