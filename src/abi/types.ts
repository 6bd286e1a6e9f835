import type { Brand } from "../base/brand.ts";

export type Pid = Brand<number, "Pid">;
export type Pgid = Brand<number, "Pgid">;
export type Sid = Brand<number, "Sid">;
export type Tid = Brand<number, "Tid">;
export type Uid = Brand<number, "Uid">;
export type Gid = Brand<number, "Gid">;
export type Fd = Brand<number, "Fd">;
export type Signo = Brand<number, "Signo">;

/**
 * An address in guest memory, with the type of what lies there.
 *
 * It is the whole 64-bit pointer as a number: those above 2^53 lose low bits, but everything above 2^32 is a fault anyway.
 */
export type GuestPtr<T = unknown> = number & { readonly __pointee?: T };

/** Nanoseconds since boot on the monotonic clock. */
export type Instant = Brand<number, "Instant">;

/** struct timespec: realtime instants and durations as programs state them. */
export interface Timespec {
  readonly seconds: number;
  readonly nanoseconds: number;
}
