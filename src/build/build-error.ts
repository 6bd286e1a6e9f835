/** Why an image cannot be built, as a value: what is wrong, and what to do about it. */
export class BuildError {
  /** One sentence without a full stop. */
  readonly message: string;
  readonly cure: string;

  constructor(message: string, cure: string) {
    this.message = message;
    this.cure = cure;
    Object.freeze(this);
  }
}
