import assert from "node:assert/strict";
import { test } from "node:test";
import { EAGAIN } from "../../abi/errno.ts";
import { SIG } from "../../abi/signal.ts";
import { SignalSet } from "../../abi/signal-set.ts";
import { L, STANDARD_TERMIOS, V } from "../../abi/termios.ts";
import { type ByteString, byteString } from "../../base/bytes.ts";
import { TestKernel } from "../../host/test/index.ts";
import { pendingSignals, setSignalMask } from "../posix-signal/index.ts";
import { makeTerminal } from "./host-terminal.ts";
import { posixTty } from "./index.ts";

function boot() {
  const k = new TestKernel([posixTty]);
  const task = k.process();
  const host = {
    size: { columns: 80, rows: 24 },
    resized: () => {},
    onResize(call: () => void) {
      this.resized = call;
    },
    setRaw() {},
  };
  const terminal = makeTerminal(task.process, k.console, host);
  const type = (keys: string): void => k.console.stdin.push(keys as ByteString);
  const read = (length = 64): unknown => {
    const into = new Uint8Array(length);
    const count = terminal.read(into, false);
    return typeof count === "number" ? byteString(into.subarray(0, count)) : count;
  };
  const screen = (): string => k.console.stdout.text;
  const set = (change: Partial<typeof STANDARD_TERMIOS>, cc: Readonly<Record<number, number>> = {}): void => {
    const keys = STANDARD_TERMIOS.cc.map((key, index) => cc[index] ?? key);
    terminal.setTermios({ ...STANDARD_TERMIOS, ...change, cc: keys });
  };
  return { k, task, terminal, host, type, read, screen, set };
}

test("a line is handed over when it is complete, echoed with what a screen needs", () => {
  const { type, read, screen } = boot();
  type("ab");
  assert.equal(read(), EAGAIN);
  type("c\r");
  assert.equal(read(2), "ab");
  assert.equal(read(), "c\n");
  assert.equal(read(), EAGAIN);
  assert.equal(screen(), "abc\r\n");
});

test("erasing keys take back what was typed, and its picture", () => {
  const { type, read, screen } = boot();
  type("one two\x17\x7f\x7fX\x01\x7f\r");
  assert.equal(read(), "onX\n");
  assert.equal(screen(), `one two${"\b \b".repeat(5)}X^A${"\b \b".repeat(2)}\r\n`);
  type("gone\x15kept\r");
  assert.equal(read(), "kept\n");
});

test("a tab is erased as wide as it was", () => {
  const { type, screen } = boot();
  type("abc\t\x7f");
  assert.equal(screen(), "abc\t\b\b\b\b\b");
});

test("the end key ends a read without a newline; alone it is the end of the file", () => {
  const { type, read } = boot();
  type("part\x04\x04");
  assert.equal(read(), "part");
  assert.equal(read(), "");
  assert.equal(read(), EAGAIN);
});

test("a literal key is no key", () => {
  const { type, read, screen } = boot();
  type("\x16\x03\r");
  assert.equal(read(), "\x03\n");
  assert.equal(screen(), "^\b^C\r\n");
});

test("the interrupt key signals the foreground and drops what was typed", () => {
  const { task, type, read, screen } = boot();
  setSignalMask(task, SignalSet.of(SIG.INT, SIG.WINCH));
  type("typed\x03new\r");
  assert.ok(pendingSignals(task).has(SIG.INT));
  assert.equal(read(), "new\n");
  assert.equal(screen(), "typed^Cnew\r\n");
});

test("without canonical mode every byte counts, by VMIN", () => {
  const { type, read, set, screen } = boot();
  set({ lflag: 0 }, { [V.MIN]: 3, [V.TIME]: 0 });
  type("ab");
  assert.equal(read(), EAGAIN);
  type("\x03");
  assert.equal(read(), "ab\x03");
  assert.equal(screen(), "");
});

test("VTIME bounds the wait: for the first byte, or between bytes", () => {
  const { k, terminal, type, read, set } = boot();
  set({ lflag: 0 }, { [V.MIN]: 0, [V.TIME]: 2 });
  assert.equal(read(), EAGAIN);
  assert.equal(terminal.readDeadline(), 200_000_000);
  k.advance(200_000_000);
  assert.equal(read(), "");
  set({ lflag: 0 }, { [V.MIN]: 5, [V.TIME]: 1 });
  assert.equal(terminal.readDeadline(), undefined);
  type("x");
  assert.equal(read(), EAGAIN);
  k.advance(100_000_000);
  assert.equal(read(), "x");
});

test("output stops and goes on by its keys", () => {
  const { terminal, type, screen } = boot();
  type("\x13");
  assert.equal(terminal.write(Uint8Array.of(0x61)), EAGAIN);
  type("\x11");
  assert.equal(terminal.write(Uint8Array.of(0x61, 0x0a)), 2);
  assert.equal(screen(), "a\r\n");
});

test("what is there changes with the mode", () => {
  const { type, read, set } = boot();
  type("half");
  set({ lflag: STANDARD_TERMIOS.lflag & ~L.ICANON }, { [V.MIN]: 1 });
  assert.equal(read(), "half");
});

test("a new size is told once", () => {
  const { task, terminal, host } = boot();
  setSignalMask(task, SignalSet.of(SIG.WINCH));
  host.resized();
  assert.ok(!pendingSignals(task).has(SIG.WINCH));
  host.size = { columns: 100, rows: 30 };
  host.resized();
  assert.ok(pendingSignals(task).has(SIG.WINCH));
  assert.deepEqual([terminal.winsize.columns, terminal.winsize.rows], [100, 30]);
});
