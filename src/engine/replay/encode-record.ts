/** Start records as bytes: a JSON head of known length, then all bytes of memory one behind the other. */
import { type ByteString, byteString, bytesOf } from "../../base/bytes.ts";
import type { RecordedBytes, RecordedCall, StartRecord } from "./start-record.ts";

type Ranges = readonly (readonly [at: number, length: number])[];

interface Head {
  readonly calls: readonly (Omit<RecordedCall, "inputs"> & { readonly inputs: Ranges })[];
  readonly hart: number;
  readonly fflags: boolean;
  readonly memory: Ranges;
}

const LENGTH_BYTES = 4;

export function encodeStartRecord({ calls, hart, fflags, memory }: StartRecord): Uint8Array<ArrayBuffer> {
  const pool: Uint8Array[] = [];
  const rangesOf = (parts: readonly RecordedBytes[]): Ranges =>
    parts.map(({ at, bytes }) => {
      pool.push(bytes);
      return [at, bytes.length];
    });
  const head: Head = {
    calls: calls.map((call) => ({ ...call, inputs: rangesOf(call.inputs) })),
    hart: pool.push(hart) && hart.length,
    fflags,
    memory: rangesOf(memory),
  };
  const text = bytesOf(JSON.stringify(head) as ByteString);
  const start = LENGTH_BYTES + text.length;
  const bytes = new Uint8Array(start + pool.reduce((sum, { length }) => sum + length, 0));
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, LENGTH_BYTES);
  let at = start;
  for (const part of pool) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Reads what {@link encodeStartRecord} wrote; undefined if it is nothing of that kind. */
export function decodeStartRecord(bytes: Uint8Array<ArrayBuffer>): StartRecord | undefined {
  if (bytes.length < LENGTH_BYTES) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  let at = LENGTH_BYTES + length;
  if (at > bytes.length) return undefined;
  const take = (count: number): Uint8Array => {
    at += count;
    return bytes.subarray(at - count, at);
  };
  const bytesAt = (ranges: Ranges): readonly RecordedBytes[] =>
    ranges.map(([start, count]) => ({ at: start, bytes: take(count) }));
  try {
    const head = JSON.parse(byteString(bytes.subarray(LENGTH_BYTES, at))) as Head;
    const calls = head.calls.map((call) => ({ ...call, inputs: bytesAt(call.inputs) }));
    return { calls, hart: take(head.hart), fflags: head.fflags, memory: bytesAt(head.memory) };
  } catch {
    return undefined;
  }
}
