import type { HostConnection } from "../kernel/host.ts";

/** A connection to a port of a machine, as the streams that the web knows. */
export interface Connection {
  /** What comes from the machine; ends where the program there ends it, fails if the connection is broken off. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What goes to the machine; closing it tells the program there of the end, and leaves the other direction open. */
  readonly writable: WritableStream<Uint8Array>;
  /** Breaks the connection off. */
  close(): void;
}

const PORTION = 65_536;

/** Makes streams of a connection. */
export function streamsOver(connection: HostConnection): Connection {
  const change = new Change(connection);
  const broken = (): Error => new Error("the connection was broken off");
  return {
    readable: new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          for (;;) {
            const got = connection.read(PORTION);
            if (got === "end") return controller.close();
            if (got === "reset") throw broken();
            if (got !== "empty") return controller.enqueue(got);
            await change.next();
          }
        },
        cancel: () => connection.reset(),
      },
      { highWaterMark: 0 },
    ),
    writable: new WritableStream<Uint8Array>({
      async write(chunk) {
        connection.write(chunk.slice());
        while (connection.full) await change.next();
      },
      close: () => connection.end(),
      abort: () => connection.reset(),
    }),
    close: () => connection.reset(),
  };
}

/** The next change of a connection, for all who wait for it. */
class Change {
  private waiting: (() => void)[] = [];

  constructor(connection: HostConnection) {
    connection.onChange(() => {
      for (const wake of this.waiting.splice(0)) wake();
    });
  }

  next(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
