/** How the hub of a region finds the block that an indirect jump goes to: a hash of the address, then comparisons. */

export interface HubTable {
  /** bucket = (address * multiplier) >>> shift */
  readonly multiplier: number;
  readonly shift: number;
  /** Addresses in each bucket. */
  readonly buckets: readonly (readonly number[])[];
}

/** Cases of a br_table at most. */
const MAX_BUCKETS = 128;

const ATTEMPTS = 64;

/** Looks for a multiplicative hash with few collisions. */
export function buildHubTable(targets: readonly number[]): HubTable {
  const bits = Math.min(Math.log2(MAX_BUCKETS), Math.ceil(Math.log2(Math.max(2, targets.length * 2))));
  const shift = 32 - bits;
  let best: HubTable | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  let multiplier = 0x9e37_79b1;
  for (let i = 0; i < ATTEMPTS && fewest > 0; i++) {
    const buckets: number[][] = Array.from({ length: 2 ** bits }, () => []);
    for (const target of targets) buckets[Math.imul(target, multiplier) >>> shift]!.push(target);
    const collisions = targets.length - buckets.filter((bucket) => bucket.length > 0).length;
    if (collisions < fewest) {
      fewest = collisions;
      best = { multiplier, shift, buckets };
    }
    multiplier = (Math.imul(multiplier, 0x2c1b_3c6d) + 0x297a_2d39) | 1;
  }
  return best!;
}
