import type { Errno } from "../../abi/errno.ts";

/** Why a program cannot be run: what execve(2) answers, what is wrong with the file, and what to do about it. */
export class LoadError {
  readonly errno: Errno;
  readonly message: string;
  readonly cure: string | undefined;

  constructor(errno: Errno, message: string, cure?: string) {
    this.errno = errno;
    this.message = message;
    this.cure = cure;
  }

  toString(): string {
    return this.cure === undefined ? this.message : `${this.message}\n  ${this.cure}`;
  }
}
