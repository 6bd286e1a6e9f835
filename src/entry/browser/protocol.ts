/** What a page and the worker that holds a machine say to each other. */
import type { ExitStatus } from "../../kernel/process.ts";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The first message to a worker: everything that it is granted. */
export interface StartMessage {
  readonly kind: "start";
  /** The image's bytes. */
  readonly image: ArrayBuffer;
  /** Arguments behind the program's name, instead of the image's. */
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** `NAME:GUEST[:ro]`, instead of the volumes of the image. */
  readonly volumes?: readonly string[];
  /** Makes the standard streams one terminal. */
  readonly terminal?: TerminalSize;
  readonly strace: boolean;
}

export type PageMessage =
  | StartMessage
  | { readonly kind: "input"; readonly bytes: Uint8Array }
  | { readonly kind: "end of input" }
  | ({ readonly kind: "resize" } & TerminalSize)
  /** The page connects to a port of the guest; the channel carries what goes over the connection. */
  | { readonly kind: "connect"; readonly id: number; readonly port: number; readonly channel: MessagePort }
  /** The page has dealt with so many bytes of output. */
  | { readonly kind: "taken"; readonly bytes: number };

export type WorkerMessage =
  | { readonly kind: "output"; readonly stream: 1 | 2; readonly bytes: Uint8Array }
  | { readonly kind: "line"; readonly text: string }
  /** Whether anybody listens where the page connects to. */
  | { readonly kind: "connected"; readonly id: number; readonly accepted: boolean }
  | { readonly kind: "exited"; readonly status: ExitStatus }
  | { readonly kind: "failed"; readonly message: string };
