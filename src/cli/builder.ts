/** What the commands on images share: the builder, which is loaded when one of them is used, and its errors. */
import { homedir } from "node:os";
import { DrupeError } from "../api/error.ts";
import type { BuildError } from "../build/index.ts";
import { type RootOptions, rootOptions } from "../image/index.ts";

/** The builder: as large as all the rest, and no run of a program needs it. */
export const builder = (): Promise<typeof import("../build/index.ts")> => import("../build/index.ts");

/** A builder's answer, or its complaint thrown, as everything is that a user can put right. */
export function orThrow<T extends object>(answer: T | BuildError): T {
  if (isError(answer)) throw new DrupeError(answer.message, answer.cure);
  return answer;
}

/** By its form: the builder is a bundle of its own, with a class of its own. */
function isError(answer: object): answer is BuildError {
  return "message" in answer && "cure" in answer && Object.keys(answer).length === 2;
}

/** Opens roots with the cache and the mirror of this machine, and shows how far downloads are. */
export async function withRoots<T>(
  flags: { readonly mirror?: string; readonly lock?: string; readonly quiet: boolean },
  use: (options: RootOptions) => Promise<T>,
): Promise<T> {
  const { ProgressBar } = await import("./progress.ts");
  const progress = new ProgressBar(!flags.quiet);
  try {
    return await use({
      ...rootOptions(process.env, homedir(), flags),
      onProgress: progress.update,
      onNotice: progress.notice,
    });
  } finally {
    progress.stop();
  }
}

/** Prints bytes as people read them. */
export function formatBytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 1e6) return `${(count / 1e3).toFixed(1)} KB`;
  return `${(count / 1e6).toFixed(2)} MB`;
}
