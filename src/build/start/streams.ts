import type { HostConsole } from "../../kernel/host.ts";

/** What the standard streams of a start are: a terminal, or what other programs and services start programs with. */
export const STREAMS = ["terminal terminal terminal", "pipe pipe pipe", "null pipe pipe"] as const;

type Kind = HostConsole["stdin"]["kind"];

/**
 * A console whose streams are of other kinds. A record ends before anything is read from it, and nobody asks for its size. At a
 * terminal nobody types: one at its end would be hung up before the program starts.
 */
export function consoleOf(streams: string, console: HostConsole): HostConsole {
  const [stdin, stdout, stderr] = streams.split(" ") as [Kind, Kind, Kind];
  const terminal = { size: { columns: 80, rows: 24 }, onResize() {}, setRaw() {} };
  return {
    stdin: { ...console.stdin, kind: stdin, ...(stdin === "terminal" ? { read: () => "empty" } : {}) },
    stdout: { ...console.stdout, kind: stdout },
    stderr: { ...console.stderr, kind: stderr },
    ...(stdin === "terminal" ? { terminal } : {}),
  };
}
