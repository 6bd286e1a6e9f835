import assert from "node:assert/strict";
import { test } from "node:test";
import { NSIG, SIG, SIGRTMIN, signalName } from "./signal.ts";
import { SignalSet, sigset } from "./signal-set.ts";
import type { Signo } from "./types.ts";

const LAST = NSIG as Signo;

test("SignalSet holds each of the 64 signals apart", () => {
  for (let n = 1; n <= NSIG; n++) {
    const signo = n as Signo;
    const set = SignalSet.of(signo);
    assert.deepEqual([...set], [signo]);
    assert.equal(set.first(), signo);
    assert.equal(set.without(signo).isEmpty, true);
    assert.equal(set.complement().has(signo), false);
  }
});

test("SignalSet combines as sets do", () => {
  const a = SignalSet.of(SIG.INT, SIGRTMIN, LAST);
  const b = SignalSet.of(SIG.INT, SIG.CHLD);
  assert.deepEqual([...a.union(b)], [SIG.INT, SIG.CHLD, SIGRTMIN, LAST]);
  assert.deepEqual([...a.minus(b)], [SIGRTMIN, LAST]);
  assert.deepEqual([...a.intersection(b)], [SIG.INT]);
  assert.equal(SignalSet.EMPTY.first(), undefined);
});

test("sigset lies in memory as the kernel's sigset_t", () => {
  const bytes = new DataView(new ArrayBuffer(8));
  sigset.write(bytes, 0, SignalSet.of(SIG.HUP, SIGRTMIN, LAST));
  assert.equal(bytes.getBigUint64(0, true), 0x8000_0000_8000_0001n);
  assert.ok(sigset.read(bytes, 0).has(LAST));
});

test("signals print as strace prints them", () => {
  assert.equal(String(SignalSet.of(SIG.INT, SIG.CHLD)), "[INT CHLD]");
  assert.equal(String(SignalSet.EMPTY), "[]");
  assert.equal(String(SignalSet.ALL.without(SIG.KILL)), "~[KILL]");
  assert.equal(String(SignalSet.of(34 as Signo)), "[RT_2]");
  assert.equal(signalName(SIGRTMIN), "SIGRTMIN");
  assert.equal(signalName(64), "SIGRT_32");
});
