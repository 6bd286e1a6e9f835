import { decodeStartRecord } from "../engine/replay/encode-record.ts";
import { createReplayEngine, StartDiffers } from "../engine/replay/replay-engine.ts";
import type { HostConsole } from "../kernel/host.ts";
import type { Engine } from "../machine/engine.ts";
import type { OpenImage } from "./container.ts";

/** How an image starts its program by a record; an image without one has no such part. */
export interface Replay {
  /** An engine for one machine with such streams: `inner`, if nothing was recorded with them. */
  engine(image: OpenImage, console: HostConsole, inner: Engine): Engine;
  /** Whether a machine ended because the record does not hold here: nothing has reached outside, and it can start anew. */
  differs(cause: unknown): boolean;
}

export const replay: Replay = {
  engine(image, console, inner) {
    const start = image.manifest.starts?.[streamsOf(console)];
    const record =
      start &&
      decodeStartRecord({ head: image.blob(start.head), memory: start.memory.map((blob) => image.blob(blob)) });
    return record === undefined ? inner : createReplayEngine(inner, record);
  },
  differs: (cause) => cause instanceof StartDiffers,
};

/**
 * The kinds of a console's three streams, as programs are told of them (posix-fdtab and posix-tty): many look at them before they
 * do anything else. What is redirected is a pipe to them, unless it is the null device.
 */
export function streamsOf({ stdin, stdout, stderr, terminal }: HostConsole): string {
  const kinds = [stdin, stdout, stderr].map(({ kind }) => (kind === "null" ? kind : "pipe"));
  if (terminal === undefined) return kinds.join(" ");
  return `terminal terminal ${stderr.kind === "terminal" ? stderr.kind : kinds[2]}`;
}
