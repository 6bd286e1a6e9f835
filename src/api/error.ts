/**
 * What the public interface throws: something that the caller can put right. Inside Drupe errors are values; here they
 * become exceptions, because that is what JavaScript's callers expect.
 */
export class DrupeError extends Error {
  override readonly name = "DrupeError";
  /** What to do about it, if that is known. */
  readonly cure: string | undefined;

  constructor(message: string, cure?: string) {
    super(message);
    this.cure = cure;
  }
}
