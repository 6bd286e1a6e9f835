/**
 * CRC-32 of ISO 3309 (the one of zip, PNG and Ethernet): finds out whether bytes are still those that were written. It keeps
 * nobody from forging them.
 */

const REVERSED_POLYNOMIAL = 0xedb8_8320;
/** Bytes that are taken at a time. */
const WIDTH = 4;

let tables: readonly Uint32Array[] | undefined;

/**
 * Goes on with a checksum over more bytes.
 *
 * @param sum - of what came before; 0 at the beginning.
 */
export function crc32(bytes: Uint8Array, sum = 0): number {
  tables ??= makeTables();
  const [t0, t1, t2, t3] = tables as readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  let crc = ~sum;
  let at = 0;
  for (const end = bytes.length - (bytes.length % WIDTH); at < end; at += WIDTH) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc = t3[crc & 0xff]! ^ t2[(crc >>> 8) & 0xff]! ^ t1[(crc >>> 16) & 0xff]! ^ t0[crc >>> 24]!;
  }
  for (; at < bytes.length; at++) crc = t0[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** The first has the checksums of single bytes, each further one those of a byte with one more zero byte behind it. */
function makeTables(): readonly Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ REVERSED_POLYNOMIAL : crc >>> 1;
    return crc;
  });
  const made = [first];
  while (made.length < WIDTH) made.push(made.at(-1)!.map((crc) => first[crc & 0xff]! ^ (crc >>> 8)));
  return made;
}
