/** Counts the committed guest memory of a machine against its limit. */
export class MemoryBudget {
  readonly limit: number;
  private usedBytes = 0;
  private peakBytes = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get used(): number {
    return this.usedBytes;
  }

  get peak(): number {
    return this.peakBytes;
  }

  /** Takes bytes if they are left. */
  charge(bytes: number): boolean {
    if (this.usedBytes + bytes > this.limit) return false;
    this.usedBytes += bytes;
    if (this.usedBytes > this.peakBytes) this.peakBytes = this.usedBytes;
    return true;
  }

  release(bytes: number): void {
    this.usedBytes -= bytes;
  }
}
