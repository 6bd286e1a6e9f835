/** What carries a connection between JavaScript and a machine: within one thread, or between a page and its worker. */

/** What the two ends of a wire say to each other. */
export type WireMessage =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** So many bytes were taken by who reads them: as many more may come. */
  | { readonly kind: "taken"; readonly count: number }
  | { readonly kind: "end" }
  | { readonly kind: "reset" };

/** One end of a wire: messages arrive at the other end in order. */
export interface Wire {
  send(message: WireMessage): void;
  /** Has messages delivered; they are kept until then. */
  receive(call: (message: WireMessage) => void): void;
  /** No more messages go either way. */
  close(): void;
}

/** A wire within this thread. */
export function wirePair(): readonly [Wire, Wire] {
  const one = new LocalWire();
  const other = new LocalWire();
  one.other = other;
  other.other = one;
  return [one, other];
}

class LocalWire implements Wire {
  other: LocalWire | undefined;
  private call: ((message: WireMessage) => void) | undefined;
  private readonly kept: WireMessage[] = [];

  send(message: WireMessage): void {
    const { other } = this;
    if (other?.call === undefined) other?.kept.push(message);
    else other.call(message);
  }

  receive(call: (message: WireMessage) => void): void {
    this.call = call;
    for (const message of this.kept.splice(0)) call(message);
  }

  close(): void {
    this.other = undefined;
  }
}

/** A wire to another thread. */
export function portWire(port: MessagePort): Wire {
  return {
    send: (message) => port.postMessage(message),
    receive: (call) => {
      port.onmessage = ({ data }: MessageEvent<WireMessage>) => call(data);
    },
    close: () => port.close(),
  };
}
