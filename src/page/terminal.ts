/** The page of an image: a terminal that fills it, and the program in it. */
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { boot, type ExitStatus, type RunningProgram } from "./boot.ts";

/** Opens a terminal in an element and runs the image's program there. */
export function openTerminal(element: HTMLElement): { readonly terminal: Terminal; readonly program: RunningProgram } {
  const terminal = new Terminal({ cursorBlink: true, convertEol: false, fontFamily: "ui-monospace, monospace" });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(element);
  fit.fit();
  const size = (): { columns: number; rows: number } => ({ columns: terminal.cols, rows: terminal.rows });
  const program = boot({
    terminal: size(),
    env: { TERM: "xterm-256color" },
    stdout: (bytes) => new Promise((taken) => terminal.write(bytes, taken)),
    trace: (line) => console.log(line),
  });
  terminal.onData((text) => program.write(text));
  terminal.onBinary((text) => program.write(Uint8Array.from(text, (c) => c.charCodeAt(0))));
  terminal.onResize(() => program.resize(size()));
  addEventListener("resize", () => fit.fit());
  terminal.focus();
  program.exited.then(
    (status) => terminal.write(`\r\n[${describe(status)}]\r\n`),
    (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      terminal.write(`\r\n[${message.replaceAll("\n", "\r\n")}]\r\n`);
    },
  );
  return { terminal, program };
}

function describe(status: ExitStatus): string {
  return status.kind === "exited" ? `exited with ${status.code}` : `killed by signal ${status.signal}`;
}
