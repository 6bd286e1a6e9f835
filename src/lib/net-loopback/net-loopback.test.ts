import assert from "node:assert/strict";
import { test } from "node:test";
import { AF, SO, SOCK, SOCK_FLAG, SOL_SOCKET } from "../../abi/socket.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { TestKernel } from "../../host/test/index.ts";
import { netLoopback } from "./index.ts";

/** A kernel, a process with two threads, and short names for what it does with sockets. */
function boot(discardGenerators = false) {
  const k = new TestKernel([netLoopback], { options: { discardGenerators } });
  const task = k.process();
  const other = k.kernel.createTask(task.process, 99 as never);
  const at = k.reserve(task, 65_536);
  const address = (ip: readonly number[], port: number): GuestPtr => {
    task.mm.write(at, Uint8Array.of(AF.INET, 0, port >>> 8, port & 0xff, ...ip));
    return at;
  };
  const socket = (type: number = SOCK.STREAM): number => Number(k.call(task, "socket", AF.INET, type, 0));
  const bind = (fd: number, port: number, ip = LOCAL): string | number =>
    k.call(task, "bind", fd, address(ip, port), 16);
  const connect = (fd: number, port: number, ip = LOCAL): string | number =>
    k.call(task, "connect", fd, address(ip, port), 16);
  const set = (fd: number, option: number): string | number => {
    task.mm.writeU32((at + 64) as GuestPtr, 1);
    return k.call(task, "setsockopt", fd, SOL_SOCKET, option, at + 64, 4);
  };
  const listener = (port: number, backlog: number): number => {
    const fd = socket();
    assert.equal(bind(fd, port), 0);
    assert.equal(k.call(task, "listen", fd, backlog), 0);
    return fd;
  };
  return { k, task, other, at, address, socket, bind, connect, set, listener };
}

const LOCAL = [127, 0, 0, 1];
const NONBLOCK = SOCK.STREAM | SOCK_FLAG.NONBLOCK;

for (const discard of [false, true]) {
  const mode = discard ? ", generators discarded" : "";

  test(`who finds a queue full waits until there is room${mode}`, () => {
    const { k, task, other, address, socket, connect, listener } = boot(discard);
    const server = listener(80, 0);
    assert.equal(connect(socket(), 80), 0);
    const waiting = k.start(other, "connect", socket(), address(LOCAL, 80), 16);
    assert.equal(waiting.result, undefined);
    const later = socket(NONBLOCK);
    assert.equal(connect(later, 80), "EINPROGRESS");
    assert.equal(connect(later, 80), "EALREADY");
    assert.equal(typeof k.call(task, "accept", server, 0, 0), "number");
    assert.equal(waiting.result, 0);
    assert.equal(connect(later, 80), "EALREADY");
    k.call(task, "close", server);
    assert.equal(connect(later, 80), "ECONNREFUSED");
    k.assertIdle();
  });

  test(`a writer waits for a reader, and is answered all of it${mode}`, () => {
    const { k, task, other, at, socket, connect, listener, set } = boot(discard);
    const server = listener(80, 1);
    set(server, SO.RCVBUF);
    const client = socket();
    set(client, SO.SNDBUF);
    assert.equal(connect(client, 80), 0);
    const end = Number(k.call(task, "accept", server, 0, 0));
    const writing = k.start(other, "write", client, at, 60_000);
    assert.equal(writing.result, undefined);
    for (let got = 0; got < 60_000; ) got += Number(k.call(task, "read", end, at, 60_000));
    assert.equal(writing.result, 60_000);
    k.assertIdle();
  });
}

test("all that is not this machine is out of reach", () => {
  const { k, task, at, address, socket, connect } = boot();
  assert.equal(connect(socket(), 80, [192, 0, 2, 1]), "ENETUNREACH");
  assert.equal(connect(socket(NONBLOCK), 80, [192, 0, 2, 1]), "ENETUNREACH");
  const udp = socket(SOCK.DGRAM);
  assert.equal(k.call(task, "sendto", udp, at, 1, 0, address([224, 0, 0, 1], 53), 16), "ENETUNREACH");
  assert.equal(connect(udp, 53, [255, 255, 255, 255]), "ENETUNREACH");
});

test("low ports are for who may have them", () => {
  const { k, task, bind, socket } = boot();
  assert.equal(bind(socket(), 80), 0);
  assert.equal(k.call(task, "setuid", 1000), 0);
  assert.equal(bind(socket(), 81), "EACCES");
  assert.equal(bind(socket(), 1024), 0);
});

test("the port of a connection that was closed first rests for a minute", () => {
  const { k, task, bind, socket, connect, listener } = boot();
  const server = listener(80, 1);
  const client = socket();
  assert.equal(connect(client, 80), 0);
  const end = Number(k.call(task, "accept", server, 0, 0));
  k.call(task, "close", server);
  k.call(task, "close", end);
  assert.equal(bind(socket(), 80), "EADDRINUSE");
  k.call(task, "close", client);
  k.advance(59e9);
  assert.equal(bind(socket(), 80), "EADDRINUSE");
  k.advance(2e9);
  assert.equal(bind(socket(), 80), 0);
});

test("those that share a port share out the connections", () => {
  const { k, task, socket, bind, connect, set } = boot();
  const servers = [socket(NONBLOCK), socket(NONBLOCK)];
  for (const server of servers) {
    assert.equal(set(server, SO.REUSEPORT), 0);
    assert.equal(bind(server, 80), 0);
    assert.equal(k.call(task, "listen", server, 100), 0);
  }
  for (let i = 0; i < 40; i++) assert.equal(connect(socket(), 80), 0);
  const accepted = servers.map((server) => {
    let count = 0;
    while (typeof k.call(task, "accept", server, 0, 0) === "number") count++;
    return count;
  });
  assert.equal(accepted[0]! + accepted[1]!, 40);
  assert.ok(
    accepted.every((count) => count > 0),
    `${accepted}`,
  );
});
