/** Runs the image that lies beside this script, in a worker of its own: `import { boot } from "./drupe.js"`. */
import type { PageMessage, TerminalSize, WorkerMessage } from "../entry/browser/protocol.ts";
import type { ExitStatus } from "../kernel/process.ts";
import { type Connection, fetchFrom } from "../network/index.ts";
import { Connections } from "./connections.ts";

export type { Connection, ExitStatus, TerminalSize };

/** What the program is granted, and where its output goes. */
export interface BootOptions {
  /** Arguments behind the program's name, instead of those of the image. */
  readonly args?: readonly string[];
  /** Variables over the image's. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * `NAME:GUEST[:ro]`: volumes that the program is to have, instead of those of the image. What it writes to one is there again
   * in the next run, on any page of the site; one program at a time has it.
   */
  readonly volumes?: readonly string[];
  /** Makes the standard streams a terminal of this size; default: they are pipes. */
  readonly terminal?: TerminalSize;
  /** Receive what the program writes; it waits when a megabyte is not dealt with. Default: it is dropped. */
  readonly stdout?: (bytes: Uint8Array) => void | Promise<void>;
  /** Default: as {@link stdout} for a terminal, else dropped. */
  readonly stderr?: (bytes: Uint8Array) => void | Promise<void>;
  /** Receives a line for each system call, if the image was built with `strace: true`, and what the machine has to tell. */
  readonly trace?: (line: string) => void;
  /** Ends the machine. */
  readonly signal?: AbortSignal;
  /** Where the image is; default: `image.drupe` beside this script. */
  readonly image?: string | URL | ArrayBuffer;
}

/** A program that runs. */
export interface RunningProgram {
  /** How it ended; rejects if the image could not be run, or the machine was stopped. */
  readonly exited: Promise<ExitStatus>;
  /** Adds to what the program reads. */
  write(input: string | Uint8Array): void;
  /** The program reads the end of its input. */
  end(): void;
  resize(size: TerminalSize): void;
  /** Connects to a TCP port of the machine; fails if no program listens there. */
  connect(port: number): Promise<Connection>;
  /** Asks a server of the machine by HTTP, as fetch() does: the URL's port is the machine's, its host is of no matter. */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
  /** Ends the machine at once. */
  stop(): void;
}

/** Boots a machine and runs the image's program in it. */
export function boot(options: BootOptions = {}): RunningProgram {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "drupe" });
  const send = (message: PageMessage, transfer: Transferable[] = []): void => worker.postMessage(message, transfer);
  const { promise: exited, resolve, reject } = settled<ExitStatus>();
  const connections = new Connections(send);
  const close = (): void => {
    worker.terminate();
    connections.close();
  };
  const stop = (): void => {
    close();
    reject(new Error("the machine was stopped"));
  };
  options.signal?.addEventListener("abort", stop, { once: true });
  worker.onerror = ({ message }) => {
    close();
    reject(new Error(message || "the worker could not be loaded"));
  };
  worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
    switch (data.kind) {
      case "output":
        void deliver(options, data.stream, data.bytes).then(() => send({ kind: "taken", bytes: data.bytes.length }));
        break;
      case "line":
        options.trace?.(data.text);
        break;
      case "connected":
        connections.answered(data.id, data.accepted);
        break;
      case "exited":
        close();
        resolve(data.status);
        break;
      case "failed":
        close();
        reject(new Error(data.message));
        break;
    }
  };
  const { args, env = {}, terminal, trace, volumes } = options;
  const started = loadImage(options.image).then((image) => {
    const granted = {
      ...(args === undefined ? {} : { args }),
      ...(terminal === undefined ? {} : { terminal }),
      ...(volumes === undefined ? {} : { volumes }),
    };
    send({ kind: "start", image, env, strace: trace !== undefined, ...granted }, [image]);
  });
  started.catch(reject);
  const sendLater = (message: PageMessage): void =>
    void started.then(
      () => send(message),
      () => {},
    );
  const connect = (port: number): Promise<Connection> => started.then(() => connections.open(port));
  return {
    exited,
    connect,
    fetch: (url, init) => fetchFrom(connect, url, init),
    write: (input) => sendLater({ kind: "input", bytes: typeof input === "string" ? encoder.encode(input) : input }),
    end: () => sendLater({ kind: "end of input" }),
    resize: (size) => sendLater({ kind: "resize", ...size }),
    stop,
  };
}

const encoder = new TextEncoder();

async function deliver({ stdout, stderr, terminal }: BootOptions, stream: 1 | 2, bytes: Uint8Array): Promise<void> {
  const receive = stream === 1 ? stdout : (stderr ?? (terminal === undefined ? undefined : stdout));
  await receive?.(bytes);
}

async function loadImage(image: BootOptions["image"]): Promise<ArrayBuffer> {
  if (image instanceof ArrayBuffer) return image.slice(0);
  const url = new URL(image ?? "./image.drupe", import.meta.url);
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url.pathname} could not be loaded: ${answer.status} ${answer.statusText}`);
  return answer.arrayBuffer();
}

/** A promise with its ends. */
function settled<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: unknown) => void } {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
