import type { HostClock } from "../../kernel/host.ts";
import { Preempter } from "./preempter.ts";

/** The machine's clocks and timers. */
export function createClock(): HostClock & { close(): void } {
  const preempter = new Preempter();
  return {
    monotonicNs,
    realtime() {
      const now = performance.timeOrigin + performance.now();
      const seconds = Math.floor(now / 1000);
      return { seconds, nanoseconds: Math.floor((now - seconds * 1000) * 1e6) };
    },
    after(delayNs, call) {
      if (delayNs <= 0) return soon(call);
      const delayMs = delayNs / 1e6;
      const deadline = performance.now() + delayMs;
      return delayMs < 1 ? soon(() => finish(deadline, call)) : longTimeout(delayMs, () => finish(deadline, call));
    },
    interrupter: preempter,
    close: () => preempter.close(),
  };
}

const { hrtime } = process;

/** Nanoseconds on the clock that all threads of this machine share: half the price of `performance.now`. */
export function monotonicNs(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1e9 + nanoseconds;
}

/** Calls back once the event loop has run. */
function soon(call: () => void): () => void {
  const immediate = setImmediate(call);
  return () => clearImmediate(immediate);
}

/** Nobody ever changes or wakes it. */
const pillow = new Int32Array(new SharedArrayBuffer(4));

/** Sleeps for what is left, less than a millisecond, which is what Node's timers count in; then calls back. */
function finish(deadline: number, call: () => void): void {
  const left = deadline - performance.now();
  if (left > 0) Atomics.wait(pillow, 0, 0, left);
  call();
}

/** Calls back after whole milliseconds. Node's timers count them in 31 bits; a longer delay is taken in steps. */
const LONGEST_MS = 0x7fff_ffff;

function longTimeout(delayMs: number, call: () => void): () => void {
  let timer = setTimeout(expire, Math.min(Math.floor(delayMs), LONGEST_MS));
  let leftMs = delayMs - LONGEST_MS;
  function expire(): void {
    if (leftMs <= 0) {
      call();
      return;
    }
    timer = setTimeout(expire, Math.min(Math.floor(leftMs), LONGEST_MS));
    leftMs -= LONGEST_MS;
  }
  return () => clearTimeout(timer);
}
