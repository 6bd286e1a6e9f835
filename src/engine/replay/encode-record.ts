/** Start records as bytes: a JSON head of known length with the small parts behind it, and memory apart. */
import { type ByteString, byteString, bytesOf } from "../../base/bytes.ts";
import type { RecordedBytes, RecordedCall, StartRecord } from "./start-record.ts";

type Ranges = readonly (readonly [at: number, length: number])[];

interface Head {
  readonly calls: readonly (Omit<RecordedCall, "inputs"> & { readonly inputs: Ranges })[];
  readonly hart: number;
  readonly fflags: boolean;
  readonly memory: Ranges;
}

export interface EncodedStart {
  readonly head: Uint8Array<ArrayBuffer>;
  /** Pieces that end where addresses are multiples of {@link PIECE_BYTES}: records of similar starts have most of them in common. */
  readonly memory: readonly Uint8Array[];
}

const LENGTH_BYTES = 4;
const PIECE_BYTES = 0x1_0000;

export function encodeStartRecord({ calls, hart, fflags, memory }: StartRecord): EncodedStart {
  const pool: Uint8Array[] = [];
  const keep = ({ at, bytes }: RecordedBytes): Ranges[number] => {
    pool.push(bytes);
    return [at, bytes.length];
  };
  const pieces = memory.flatMap(piecesOf);
  const head: Head = {
    calls: calls.map((call) => ({ ...call, inputs: call.inputs.map(keep) })),
    hart: pool.push(hart) && hart.length,
    fflags,
    memory: pieces.map(({ at, bytes }) => [at, bytes.length]),
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
  return { head: bytes, memory: pieces.map((piece) => piece.bytes) };
}

function piecesOf({ at, bytes }: RecordedBytes): readonly RecordedBytes[] {
  const pieces: RecordedBytes[] = [];
  for (let done = 0; done < bytes.length; ) {
    const end = Math.min(bytes.length, done + PIECE_BYTES - ((at + done) % PIECE_BYTES));
    pieces.push({ at: at + done, bytes: bytes.subarray(done, end) });
    done = end;
  }
  return pieces;
}

/** Reads what {@link encodeStartRecord} wrote; undefined if it is nothing of that kind. */
export function decodeStartRecord({ head: bytes, memory }: EncodedStart): StartRecord | undefined {
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
    const pieces = memory.map((piece, i) => ({ at: head.memory[i]![0], bytes: piece }));
    return { calls, hart: take(head.hart), fflags: head.fflags, memory: pieces };
  } catch {
    return undefined;
  }
}
