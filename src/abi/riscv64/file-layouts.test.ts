import assert from "node:assert/strict";
import { test } from "node:test";
import { STANDARD_TERMIOS, termios2Layout, termiosLayout, winsizeLayout } from "../termios.ts";
import { epollEventLayout } from "./epoll.ts";
import { pollfdLayout } from "./poll.ts";
import { direntLayout, flockLayout, openHowLayout, statfsLayout, statLayout, statxLayout } from "./stat.ts";

// Sizes and offsets as riscv64-linux-gnu-gcc gives them for the headers of Linux.
test("files' structs lie as the headers lay them out", () => {
  assert.equal(statLayout.size, 128);
  const { mode, nlink, uid, rdev, size, blksize, blocks, atime, ctime } = statLayout.offsets;
  assert.deepEqual(
    [mode, nlink, uid, rdev, size, blksize, blocks, atime, ctime],
    [16, 20, 24, 32, 48, 56, 64, 72, 104],
  );
  assert.equal(statxLayout.size, 256);
  const { ino, atime: statxAtime, rdevMajor, mountId } = statxLayout.offsets;
  assert.deepEqual([ino, statxAtime, rdevMajor, mountId], [32, 64, 128, 144]);
  assert.equal(statfsLayout.size, 120);
  const { fsid, namelen, flags } = statfsLayout.offsets;
  assert.deepEqual([fsid, namelen, flags], [56, 64, 80]);
  assert.deepEqual([flockLayout.size, flockLayout.offsets.start, flockLayout.offsets.pid], [32, 8, 24]);
  assert.equal(direntLayout.offsets.type, 18);
  assert.equal(openHowLayout.size, 24);
});

test("readiness structs: an epoll_event has 16 bytes here", () => {
  assert.deepEqual([epollEventLayout.size, epollEventLayout.offsets.data], [16, 8]);
  assert.equal(pollfdLayout.size, 8);
});

test("terminals' structs", () => {
  assert.deepEqual([termiosLayout.size, termiosLayout.offsets.line, termiosLayout.offsets.cc], [36, 16, 17]);
  assert.deepEqual([termios2Layout.size, termios2Layout.offsets.ispeed], [44, 36]);
  assert.equal(winsizeLayout.size, 8);
  assert.equal(STANDARD_TERMIOS.cc.length, 19);
});
