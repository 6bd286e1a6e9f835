import type { HostConsole, HostOutput } from "../../kernel/host.ts";

/** A console for a program that was started from JavaScript: input that is there already, output to functions. */
export function quietConsole(streams: {
  readonly stdin?: string | Uint8Array;
  readonly stdout?: (bytes: Uint8Array) => void;
  readonly stderr?: (bytes: Uint8Array) => void;
}): HostConsole {
  const { stdin = "" } = streams;
  let rest = typeof stdin === "string" ? Buffer.from(stdin) : stdin;
  return {
    stdin: {
      kind: "pipe",
      read(maximum) {
        if (rest.length === 0) return "end";
        const taken = rest.subarray(0, maximum);
        rest = rest.subarray(taken.length);
        return taken;
      },
      onReadable() {},
    },
    stdout: output(streams.stdout),
    stderr: output(streams.stderr),
  };
}

function output(receive: ((bytes: Uint8Array) => void) | undefined): HostOutput {
  return {
    kind: "pipe",
    full: false,
    write(bytes) {
      receive?.(bytes.slice());
      return true;
    },
    onDrain() {},
  };
}
