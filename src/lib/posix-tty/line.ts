import type { HostConsole } from "../../kernel/host.ts";

/** What is at the other end of a terminal: the host's own, or the master of a pseudo-terminal. */
export interface TerminalLine {
  /** Takes what was typed: bytes, nothing yet, or that nobody is there any more. */
  read(maximum: number): Uint8Array | "empty" | "end";
  /** Shows bytes. The terminal does not offer more while {@link full}. */
  write(bytes: Uint8Array): void;
  readonly full: boolean;
}

/** The host's terminal, whose line editing is off. */
export function hostLine({ stdin, stdout }: HostConsole): TerminalLine {
  return {
    read: (maximum) => stdin.read(maximum),
    write(bytes) {
      stdout.write(bytes);
    },
    get full() {
      return stdout.full;
    },
  };
}
