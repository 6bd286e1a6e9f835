import type { ByteString } from "../../base/bytes.ts";
import { HostError, type HostStore } from "../../kernel/host.ts";
import { OpenVolume } from "../../kernel/open-volume.ts";

/** What was done to a store. */
export type StoreStep =
  | { readonly kind: "write"; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly size: number }
  | { readonly kind: "flush" };

/** A store in memory that remembers what was done to it, so that a test can stop it at any point. */
export class TestStore implements HostStore {
  readonly steps: StoreStep[] = [];
  /** Bytes that it may have. */
  quota = Number.POSITIVE_INFINITY;
  /** Whether the medium has failed. */
  broken = false;
  private content: Uint8Array<ArrayBuffer>;

  constructor(content: Uint8Array = new Uint8Array()) {
    this.content = new Uint8Array(content);
  }

  get size(): number {
    return this.content.length;
  }

  /** A copy of what is in it. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.content.slice();
  }

  read(into: Uint8Array, offset: number): number | HostError {
    if (this.broken) return new HostError("EIO");
    const part = this.content.subarray(offset, offset + into.length);
    into.set(part);
    return part.length;
  }

  write(from: Uint8Array, offset: number): HostError | undefined {
    if (this.broken) return new HostError("EIO");
    const room = Math.max(Math.min(from.length, this.quota - offset), 0);
    this.apply({ kind: "write", offset, bytes: from.slice(0, room) });
    return room < from.length ? new HostError("ENOSPC") : undefined;
  }

  truncate(size: number): HostError | undefined {
    if (this.broken) return new HostError("EIO");
    this.apply({ kind: "truncate", size });
    return undefined;
  }

  flush(): HostError | undefined {
    if (this.broken) return new HostError("EIO");
    this.apply({ kind: "flush" });
    return undefined;
  }

  /** Does a step that was done to another store. */
  apply(step: StoreStep): void {
    this.steps.push(step);
    if (step.kind === "write" && step.bytes.length > 0) {
      this.resize(Math.max(this.size, step.offset + step.bytes.length));
      this.content.set(step.bytes, step.offset);
    } else if (step.kind === "truncate") {
      this.resize(step.size);
    }
  }

  private resize(size: number): void {
    if (size === this.size) return;
    const resized = new Uint8Array(size);
    resized.set(this.content.subarray(0, size));
    this.content = resized;
  }
}

/** A volume in a store of a test. */
export function testVolume(store: HostStore, readOnly = false): OpenVolume {
  const mountPoint = "/kept" as ByteString;
  return new OpenVolume({ name: "test", mountPoint, readOnly, place: "in the test", store }, () => {});
}
