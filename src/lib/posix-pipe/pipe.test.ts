import assert from "node:assert/strict";
import { test } from "node:test";
import { F, O } from "../../abi/fcntl.ts";
import { SIG } from "../../abi/signal.ts";
import { SignalSet } from "../../abi/signal-set.ts";
import { array, i32 } from "../../base/struct.ts";
import { TestKernel } from "../../host/test/index.ts";
import { posixFdio } from "../posix-fdio/index.ts";
import { pendingSignals, setSignalMask } from "../posix-signal/index.ts";
import { posixPipe } from "./index.ts";

const ends = array(i32, 2);

for (const discardGenerators of [false, true]) {
  const boot = (flags = 0) => {
    const k = new TestKernel([posixPipe, posixFdio], { options: { discardGenerators } });
    const task = k.process();
    const at = k.reserve(task, 8);
    assert.equal(k.call(task, "pipe2", at, flags), 0);
    const [reader, writer] = task.mm.readStruct(at, ends) as readonly number[];
    const other = k.kernel.createTask(task.process, 99 as never);
    const buffer = k.reserve(task, 70000);
    return { k, task, other, reader: reader!, writer: writer!, buffer };
  };
  const mode = discardGenerators ? ", generators discarded" : "";

  test(`a reader sleeps until something is written${mode}`, () => {
    const { k, task, other, reader, writer, buffer } = boot();
    const reading = k.start(task, "read", reader, buffer, 10);
    assert.equal(reading.result, undefined);
    assert.equal(k.call(other, "write", writer, buffer + 100, 3), 3);
    assert.equal(reading.result, 3);
    k.assertIdle();
  });

  test(`a long write goes on as room is made, and answers all of it${mode}`, () => {
    const { k, task, other, reader, writer, buffer } = boot();
    const writing = k.start(task, "write", writer, buffer, 70000);
    assert.equal(writing.result, undefined);
    assert.equal(k.call(other, "read", reader, buffer, 65536), 65536);
    assert.equal(writing.result, 70000);
    assert.equal(k.call(other, "read", reader, buffer, 65536), 70000 - 65536);
  });

  test(`the last writer's close ends a sleeping read${mode}`, () => {
    const { k, task, other, reader, writer, buffer } = boot();
    const reading = k.start(task, "read", reader, buffer, 10);
    k.call(other, "close", writer);
    assert.equal(reading.result, 0);
  });
}

test("without a reader a write raises SIGPIPE and fails", () => {
  const k = new TestKernel([posixPipe, posixFdio]);
  const task = k.process();
  const at = k.reserve(task, 8);
  k.call(task, "pipe2", at, O.NONBLOCK);
  const [reader, writer] = task.mm.readStruct(at, ends) as readonly number[];
  setSignalMask(task, SignalSet.of(SIG.PIPE));
  k.call(task, "close", reader!);
  assert.equal(k.call(task, "write", writer!, at, 1), "EPIPE");
  assert.ok(pendingSignals(task).has(SIG.PIPE));
});

test("up to PIPE_BUF bytes are written all or not at all", () => {
  const k = new TestKernel([posixPipe, posixFdio]);
  const task = k.process();
  const at = k.reserve(task, 8);
  k.call(task, "pipe2", at, O.NONBLOCK);
  const [reader, writer] = task.mm.readStruct(at, ends) as readonly number[];
  const buffer = k.reserve(task, 8192);
  assert.equal(k.call(task, "fcntl", writer!, F.SETPIPE_SZ, 4097), 8192);
  assert.equal(k.call(task, "write", writer!, buffer, 5000), 5000);
  assert.equal(k.call(task, "write", writer!, buffer, 4000), "EAGAIN");
  // The part that is less than a page fits behind what is there.
  assert.equal(k.call(task, "write", writer!, buffer, 5000), 904);
  assert.equal(k.call(task, "fcntl", reader!, F.SETPIPE_SZ, 4096), "EBUSY");
});
