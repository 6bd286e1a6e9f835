import type { HostConnection } from "../kernel/host.ts";
import type { Wire, WireMessage } from "./wire.ts";

/** Bytes that may be on their way to an end that has not taken them. */
const WINDOW = 262_144;

/** An end of a wire as a connection: each way as fast as the other end takes it. */
export class WireConnection implements HostConnection {
  private readonly wire: Wire;
  private readonly chunks: Uint8Array[] = [];
  private readonly listeners: (() => void)[] = [];
  private untaken = 0;
  private ended = { here: false, there: false };
  private broken = false;

  constructor(wire: Wire) {
    this.wire = wire;
    wire.receive((message) => this.arrived(message));
  }

  read(maximum: number): Uint8Array | "empty" | "end" | "reset" {
    if (this.broken) return "reset";
    const [first] = this.chunks;
    if (first === undefined) return this.ended.there ? "end" : "empty";
    const taken = first.subarray(0, maximum);
    if (taken.length === first.length) this.chunks.shift();
    else this.chunks[0] = first.subarray(taken.length);
    if (!this.ended.there) this.wire.send({ kind: "taken", count: taken.length });
    return taken;
  }

  write(bytes: Uint8Array): void {
    if (this.broken || this.ended.here || bytes.length === 0) return;
    this.untaken += bytes.length;
    this.wire.send({ kind: "bytes", bytes });
  }

  get full(): boolean {
    return !this.broken && this.untaken >= WINDOW;
  }

  end(): void {
    if (this.broken || this.ended.here) return;
    this.ended.here = true;
    this.wire.send({ kind: "end" });
    this.closeIfOver();
  }

  reset(): void {
    if (this.broken || (this.ended.here && this.ended.there)) return;
    this.wire.send({ kind: "reset" });
    this.breakOff();
  }

  onChange(call: () => void): void {
    this.listeners.push(call);
  }

  private arrived(message: WireMessage): void {
    if (this.broken) return;
    switch (message.kind) {
      case "bytes":
        this.chunks.push(message.bytes);
        break;
      case "taken":
        this.untaken -= message.count;
        break;
      case "end":
        this.ended.there = true;
        this.closeIfOver();
        break;
      case "reset":
        this.breakOff();
        return;
    }
    this.tell();
  }

  private breakOff(): void {
    this.broken = true;
    this.chunks.length = 0;
    this.wire.close();
    this.tell();
  }

  private closeIfOver(): void {
    if (this.ended.here && this.ended.there) this.wire.close();
  }

  private tell(): void {
    for (const call of this.listeners) call();
  }
}
