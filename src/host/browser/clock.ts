import type { HostClock, HostInterrupter } from "../../kernel/host.ts";

/** The worker's clocks and timers. */
export function createClock(interrupter: HostInterrupter | undefined): HostClock {
  const soon = createTurns();
  return {
    monotonicNs: () => performance.now() * 1e6,
    realtime() {
      const now = performance.timeOrigin + performance.now();
      const seconds = Math.floor(now / 1000);
      return { seconds, nanoseconds: Math.floor((now - seconds * 1000) * 1e6) };
    },
    after: (delayNs, call) => (delayNs <= 0 ? soon(call) : longTimeout(delayNs / 1e6, call)),
    ...(interrupter === undefined ? {} : { interrupter }),
  };
}

/** Timers count in 31 bits of milliseconds; a longer delay is taken in steps. */
const LONGEST_MS = 0x7fff_ffff;

function longTimeout(delayMs: number, call: () => void): () => void {
  let leftMs = delayMs;
  let timer = 0;
  const step = (): void => {
    if (leftMs <= 0) {
      call();
      return;
    }
    const next = Math.min(Math.ceil(leftMs), LONGEST_MS);
    leftMs -= next;
    timer = setTimeout(step, next);
  };
  step();
  return () => clearTimeout(timer);
}

/** Calls back when the event loop has run: by messages to oneself, since browsers hold nested timers back for 4 ms. */
function createTurns(): (call: () => void) => () => void {
  const { port1, port2 } = new MessageChannel();
  const waiting: { call: (() => void) | undefined }[] = [];
  port1.onmessage = () => waiting.shift()?.call?.();
  return (call) => {
    const turn: (typeof waiting)[number] = { call };
    waiting.push(turn);
    port2.postMessage(0);
    return () => {
      turn.call = undefined;
    };
  };
}
