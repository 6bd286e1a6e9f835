const CODE_SECTION = 10;
const MAGIC_AND_VERSION = 8;

/** Finds how many bytes the largest function body of a well-formed module has; 0 if there is none. */
export function largestFunction(module: Uint8Array): number {
  let at = MAGIC_AND_VERSION;
  const next = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < module.length) {
    const id = module[at++];
    const end = next() + at;
    if (id === CODE_SECTION) {
      let largest = 0;
      for (let left = next(); left > 0; left--) {
        const size = next();
        largest = Math.max(largest, size);
        at += size;
      }
      return largest;
    }
    at = end;
  }
  return 0;
}
