/** Why a root file system cannot be had, as a value that tells the user what to do about it. */
export class ImageError {
  /** What is wrong, in one sentence without a full stop. */
  readonly message: string;
  /** What the user can do. */
  readonly cure: string;

  constructor(message: string, cure: string) {
    this.message = message;
    this.cure = cure;
    Object.freeze(this);
  }

  toString(): string {
    return `${this.message}\n${this.cure}`;
  }
}

/** Says in a few words what went wrong in a caught value. */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  // fetch hides the socket's error below "fetch failed".
  const cause = thrown.cause instanceof Error ? thrown.cause : undefined;
  return cause === undefined
    ? thrown.message
    : cause.message || ((cause as NodeJS.ErrnoException).code ?? thrown.message);
}

/** Whether the operating system refused something (ENOSPC, EACCES, …), as opposed to damaged data or a bug. */
export function isSystemError(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown as NodeJS.ErrnoException).syscall !== undefined;
}
