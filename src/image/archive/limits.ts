/** How much an archive may unpack to. */
export interface ArchiveLimits {
  /** Uncompressed bytes of the whole archive, headers included. */
  readonly bytes: number;
  readonly entries: number;
}

/** Enough for any root file system that fits a browser's or a laptop's memory; a bomb meets it in seconds. */
export const DEFAULT_LIMITS: ArchiveLimits = { bytes: 4 * 2 ** 30, entries: 1_000_000 };
