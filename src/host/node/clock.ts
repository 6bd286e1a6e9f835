import type { HostClock } from "../../kernel/host.ts";
import { Preempter } from "./preempter.ts";

/** The machine's clocks and timers. */
export function createClock(): HostClock & { close(): void } {
  const preempter = new Preempter(() => performance.now());
  return {
    monotonicNs: () => performance.now() * 1e6,
    realtime() {
      const now = performance.timeOrigin + performance.now();
      const seconds = Math.floor(now / 1000);
      return { seconds, nanoseconds: Math.floor((now - seconds * 1000) * 1e6) };
    },
    after(delayNs, call) {
      if (delayNs <= 0) {
        const immediate = setImmediate(call);
        return () => clearImmediate(immediate);
      }
      return longTimeout(delayNs / 1e6, call);
    },
    interrupter: preempter,
    close: () => preempter.close(),
  };
}

/** Node's timers count in 31 bits of milliseconds; a longer delay is taken in steps. */
const LONGEST_MS = 0x7fff_ffff;

function longTimeout(delayMs: number, call: () => void): () => void {
  let timer = setTimeout(expire, Math.min(Math.ceil(delayMs), LONGEST_MS));
  let leftMs = delayMs - LONGEST_MS;
  function expire(): void {
    if (leftMs <= 0) {
      call();
      return;
    }
    timer = setTimeout(expire, Math.min(Math.ceil(leftMs), LONGEST_MS));
    leftMs -= LONGEST_MS;
  }
  return () => clearTimeout(timer);
}
