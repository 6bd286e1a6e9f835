import assert from "node:assert/strict";
import { test } from "node:test";
import { AT_FDCWD, O } from "../../abi/fcntl.ts";
import { byteString } from "../../base/bytes.ts";
import { array, i32 } from "../../base/struct.ts";
import { TestKernel } from "../../host/test/index.ts";
import { ramRoot } from "../fs-ram/index.ts";
import { posixPipe } from "../posix-pipe/index.ts";
import { fsProc } from "./index.ts";

function boot() {
  const k = new TestKernel([ramRoot(), fsProc, posixPipe]);
  const task = k.process();
  const buffer = k.reserve(task, 4096);
  const open = (path: string, flags: number = 0): number | string =>
    k.call(task, "openat", AT_FDCWD, k.string(task, path), flags, 0);
  const text = (path: string): string | number => {
    const fd = open(path);
    const length = typeof fd === "string" ? fd : k.call(task, "read", fd, buffer, 4096);
    return typeof length === "string" ? length : byteString(task.mm.read(buffer, length) as Uint8Array);
  };
  const link = (path: string): string => {
    const length = k.call(task, "readlinkat", AT_FDCWD, k.string(task, path), buffer, 4096);
    return typeof length === "string" ? length : byteString(task.mm.read(buffer, length) as Uint8Array);
  };
  return { k, task, open, text, link, buffer };
}

test("a process finds itself", () => {
  const { task, text, link } = boot();
  assert.equal(link("/proc/self"), `${task.process.pid}`);
  assert.match(String(text("/proc/self/status")), /^Pid:\t1$/m);
  assert.equal(link("/proc/self/cwd"), "/");
  assert.equal(text("/proc/99/status"), "ENOENT");
});

test("settings are read and cannot be written", () => {
  const { text, open } = boot();
  assert.equal(text("/proc/sys/kernel/ostype"), "Linux\n");
  assert.match(String(text("/proc/sys/kernel/random/uuid")), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n$/);
  assert.equal(open("/proc/sys/kernel/ostype", O.WRONLY), "EACCES");
});

test("a pipe is opened again through its link, and has no path", () => {
  const { k, task, open, link, buffer } = boot();
  k.call(task, "pipe2", buffer, O.NONBLOCK);
  const [reader, writer] = task.mm.readStruct(buffer, array(i32, 2)) as readonly number[];
  assert.match(link(`/proc/self/fd/${reader}`), /^pipe:\[\d+\]$/);
  const again = Number(open(`/proc/self/fd/${reader}`));
  k.call(task, "write", writer!, buffer, 5);
  assert.equal(k.call(task, "read", again, buffer, 10), 5);
  assert.equal(open(`/proc/self/fd/${reader}`, O.WRONLY), "EACCES");
});

test("the name of a process can be set, to 15 bytes", () => {
  const { k, task, open, text } = boot();
  const fd = Number(open("/proc/self/comm", O.WRONLY));
  k.call(task, "write", fd, k.string(task, "a name that is too long"), 23);
  assert.equal(text("/proc/self/comm"), "a name that is \n");
});
