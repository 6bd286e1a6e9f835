import assert from "node:assert/strict";
import { test } from "node:test";
import { EPOLL_CTL, EPOLL_MODE, POLL } from "../../abi/poll.ts";
import { epollEventLayout } from "../../abi/riscv64/epoll.ts";
import { pollfdLayout } from "../../abi/riscv64/poll.ts";
import { timespec } from "../../abi/riscv64/time.ts";
import { array, i32 } from "../../base/struct.ts";
import { TestKernel } from "../../host/test/index.ts";
import { posixEventfd } from "../posix-eventfd/index.ts";
import { posixFdio } from "../posix-fdio/index.ts";
import { posixPipe } from "../posix-pipe/index.ts";
import { posixPoll } from "./index.ts";

const MS = 1_000_000;

function boot(discardGenerators = false) {
  const k = new TestKernel([posixPoll, posixPipe, posixEventfd, posixFdio], { options: { discardGenerators } });
  const task = k.process();
  const at = k.reserve(task, 8);
  k.call(task, "pipe2", at, 0);
  const [reader, writer] = task.mm.readStruct(at, array(i32, 2)) as readonly number[];
  const buffer = k.reserve(task, 64);
  const other = k.kernel.createTask(task.process, 99 as never);
  return { k, task, other, reader: reader!, writer: writer!, buffer };
}

for (const discard of [false, true]) {
  test(`ppoll sleeps until a file is ready${discard ? ", generators discarded" : ""}`, () => {
    const { k, task, other, reader, writer, buffer } = boot(discard);
    const fds = k.reserve(task, pollfdLayout.size);
    task.mm.writeStruct(fds, pollfdLayout, { fd: reader, events: POLL.IN, revents: 0 });
    const polling = k.start(task, "ppoll", fds, 1, 0, 0, 8);
    assert.equal(polling.result, undefined);
    k.call(other, "write", writer, buffer, 1);
    assert.equal(polling.result, 1);
    assert.deepEqual(task.mm.readStruct(fds, pollfdLayout), { fd: reader, events: POLL.IN, revents: POLL.IN });
    k.assertIdle();
  });

  test(`a timeout ends it, and tells that nothing is left${discard ? ", generators discarded" : ""}`, () => {
    const { k, task, reader } = boot(discard);
    const fds = k.reserve(task, pollfdLayout.size);
    task.mm.writeStruct(fds, pollfdLayout, { fd: reader, events: POLL.IN, revents: 0 });
    const timeout = k.reserve(task, timespec.size);
    task.mm.writeStruct(timeout, timespec, { seconds: 0, nanoseconds: 5 * MS });
    const polling = k.start(task, "ppoll", fds, 1, timeout, 0, 8);
    k.advance(4 * MS);
    assert.equal(polling.result, undefined);
    k.advance(2 * MS);
    assert.equal(polling.result, 0);
    assert.deepEqual(task.mm.readStruct(timeout, timespec), { seconds: 0, nanoseconds: 0 });
  });
}

function epoll(events: number) {
  const booted = boot();
  const { k, task, reader } = booted;
  const fd = Number(k.call(task, "epoll_create1", 0));
  const at = k.reserve(task, epollEventLayout.size);
  task.mm.writeStruct(at, epollEventLayout, { events, data: 7n });
  assert.equal(k.call(task, "epoll_ctl", fd, EPOLL_CTL.ADD, reader, at), 0);
  const wait = (): string | number => k.call(task, "epoll_pwait", fd, at, 4, 0, 0, 8);
  const write = (): unknown => k.call(task, "write", booted.writer, booted.buffer, 1);
  return { ...booted, fd, at, wait, write };
}

test("a level-triggered file is reported as long as it is ready", () => {
  const { k, task, reader, buffer, at, wait, write } = epoll(POLL.IN);
  assert.equal(wait(), 0);
  write();
  assert.equal(wait(), 1);
  assert.equal(wait(), 1);
  assert.deepEqual(task.mm.readStruct(at, epollEventLayout), { events: POLL.IN, data: 7n });
  k.call(task, "read", reader, buffer, 8);
  assert.equal(wait(), 0);
});

test("an edge is reported once for each change", () => {
  const { wait, write } = epoll(POLL.IN | EPOLL_MODE.ET);
  write();
  assert.equal(wait(), 1);
  assert.equal(wait(), 0);
  write();
  assert.equal(wait(), 1);
});

test("one-shot is silent until it is armed again", () => {
  const { k, task, reader, fd, at, wait, write } = epoll(POLL.IN | EPOLL_MODE.ONESHOT);
  write();
  assert.equal(wait(), 1);
  write();
  assert.equal(wait(), 0);
  task.mm.writeStruct(at, epollEventLayout, { events: POLL.IN | EPOLL_MODE.ONESHOT, data: 7n });
  assert.equal(k.call(task, "epoll_ctl", fd, EPOLL_CTL.MOD, reader, at), 0);
  assert.equal(wait(), 1);
});

test("a closed file is forgotten, and an epoll file cannot watch itself in a circle", () => {
  const { k, task, reader, fd, at, wait, write } = epoll(POLL.IN);
  write();
  k.call(task, "close", reader);
  assert.equal(wait(), 0);
  const outer = Number(k.call(task, "epoll_create1", 0));
  assert.equal(k.call(task, "epoll_ctl", outer, EPOLL_CTL.ADD, fd, at), 0);
  assert.equal(k.call(task, "epoll_ctl", fd, EPOLL_CTL.ADD, outer, at), "ELOOP");
  assert.equal(k.call(task, "epoll_ctl", fd, EPOLL_CTL.ADD, fd, at), "EINVAL");
});
