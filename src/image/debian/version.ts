/** Order of Debian versions, after deb-version(7). */

/** Compares two versions `[epoch:]upstream[-revision]`: negative, zero or positive, as for Array.sort. */
export function compareVersions(a: string, b: string): number {
  const left = split(a);
  const right = split(b);
  return (
    left.epoch - right.epoch || comparePart(left.upstream, right.upstream) || comparePart(left.revision, right.revision)
  );
}

function split(version: string) {
  const colon = version.indexOf(":");
  const dash = version.lastIndexOf("-");
  const end = dash < 0 ? version.length : dash;
  return {
    epoch: colon < 0 ? 0 : Number(version.slice(0, colon)),
    upstream: version.slice(colon + 1, end),
    revision: version.slice(end + 1),
  };
}

/** Walks two strings in turns: a run of non-digits by `rank`, then a run of digits by value. */
function comparePart(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a, i)) || (j < b.length && !isDigit(b, j))) {
      const difference = rank(a, i) - rank(b, j);
      if (difference !== 0) return difference;
      i++;
      j++;
    }
    const first = i;
    const second = j;
    while (isDigit(a, i)) i++;
    while (isDigit(b, j)) j++;
    // BigInt, since a version may hold a date with time and more.
    const left = BigInt(a.slice(first, i) || "0");
    const right = BigInt(b.slice(second, j) || "0");
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** "~" before the end, the end and digits before letters, letters before all else. */
function rank(text: string, at: number): number {
  if (at >= text.length || isDigit(text, at)) return 0;
  const code = text.charCodeAt(at);
  if (code === 0x7e) return -1;
  const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
  return letter ? code : code + 256;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}
