/** A mirror of an archive over HTTP: whole files, verified, with patience for a network that hiccups. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { DataSink } from "../archive/tar.ts";
import { ImageError, reasonOf } from "../image-error.ts";

const FIRST_PAUSE_MS = 300;

/** How long a mirror is waited for: until its answer begins, and between two pieces of it. */
interface Patience {
  readonly tries: number;
  readonly silenceMs: number;
}

const PATIENCE = {
  full: { tries: 3, silenceMs: 20_000 },
  /** For questions that there is an older answer to. */
  short: { tries: 1, silenceMs: 4_000 },
} as const satisfies Record<string, Patience>;

export const MIRROR_CURE = "Pass --mirror URL or set DRUPE_DEBIAN_MIRROR.";

/** What a file must be. */
export interface Expected {
  readonly size: number;
  readonly sha256: string;
}

/** What a cached answer is revalidated with (RFC 9110, section 13). */
export interface Validators {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

/** Why a file did not come: it is not there, the mirror does not answer, or what came is not what was announced. */
export class FetchFailure {
  readonly kind: "missing" | "unreachable" | "damaged";
  readonly url: string;
  readonly reason: string;

  constructor(kind: FetchFailure["kind"], url: string, reason: string) {
    this.kind = kind;
    this.url = url;
    this.reason = reason;
  }

  toImageError(): ImageError {
    switch (this.kind) {
      case "missing":
        return new ImageError(`the mirror does not have ${this.url}`, MIRROR_CURE);
      case "unreachable":
        return new ImageError(`the mirror does not answer: ${this.url}: ${this.reason}`, MIRROR_CURE);
      case "damaged":
        return new ImageError(
          `${this.url} is not what was announced: ${this.reason}`,
          "Try again later, or pass another mirror with --mirror URL.",
        );
    }
  }
}

/** Takes the bytes of one try; a new one is made for each. */
export interface Receiver extends DataSink {
  /** Forgets what came: the next try begins. */
  restart(): void;
}

export type Answer = { readonly status: "fresh"; readonly validators: Validators } | { readonly status: "unchanged" };

export class Mirror {
  /** The root of the archive, without a slash at the end. */
  readonly base: string;

  constructor(base: string) {
    this.base = base.replace(/\/+$/, "");
  }

  /** Fetches a file whose size and hash are known. */
  async fetchExact(path: string, expected: Expected, receiver: Receiver): Promise<FetchFailure | undefined> {
    const answer = await this.#withRetries({ path, headers: {}, receiver, expected }, PATIENCE.full);
    return answer instanceof FetchFailure ? answer : undefined;
  }

  /** Fetches a file of unknown content, unless it is still what the validators say. */
  async fetchIfChanged(
    path: string,
    validators: Validators,
    receiver: Receiver,
    patience: keyof typeof PATIENCE,
  ): Promise<Answer | FetchFailure> {
    const headers: Record<string, string> = {};
    if (validators.etag !== undefined) headers["if-none-match"] = validators.etag;
    if (validators.lastModified !== undefined) headers["if-modified-since"] = validators.lastModified;
    return this.#withRetries({ path, headers, receiver, expected: undefined }, PATIENCE[patience]);
  }

  async #withRetries(request: Request, patience: Patience): Promise<Answer | FetchFailure> {
    const url = `${this.base}/${encodeURI(request.path)}`;
    for (let attempt = 1; ; attempt++) {
      const answer = await fetchOnce(url, request, patience.silenceMs);
      // What a mirror does not have, or has wrong, it will not have right a second later.
      if (!(answer instanceof FetchFailure) || answer.kind !== "unreachable" || attempt === patience.tries)
        return answer;
      request.receiver.restart();
      await sleep(FIRST_PAUSE_MS * 4 ** (attempt - 1));
    }
  }
}

interface Request {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly receiver: Receiver;
  readonly expected: Expected | undefined;
}

async function fetchOnce(url: string, request: Request, silenceMs: number): Promise<Answer | FetchFailure> {
  const { headers, receiver, expected } = request;
  const silence = new AbortController();
  const arm = () => setTimeout(() => silence.abort(new Error(`silent for ${silenceMs / 1000} s`)), silenceMs);
  let timer = arm();
  try {
    const response = await fetch(url, { headers, signal: silence.signal });
    if (response.status === 304) return { status: "unchanged" };
    if (response.status === 404 || response.status === 410) return new FetchFailure("missing", url, "404");
    if (response.status !== 200 || response.body === null) {
      return new FetchFailure("unreachable", url, `it answers ${response.status} ${response.statusText}`.trim());
    }
    const announced = announcedSize(response);
    if (expected !== undefined && announced !== undefined && announced !== expected.size) {
      // Nobody waits for megabytes that cannot be right.
      silence.abort();
      return new FetchFailure("damaged", url, `it has ${announced} bytes, not ${expected.size}`);
    }
    const hash = createHash("sha256");
    for await (const chunk of response.body) {
      clearTimeout(timer);
      timer = arm();
      hash.update(chunk);
      receiver.write(chunk);
      if (expected !== undefined && receiver.length > expected.size) break;
    }
    const fault = expected && mismatch(expected, receiver.length, hash.digest("hex"));
    if (fault !== undefined) return new FetchFailure("damaged", url, fault);
    const { headers: answered } = response;
    return {
      status: "fresh",
      validators: { etag: answered.get("etag") ?? undefined, lastModified: answered.get("last-modified") ?? undefined },
    };
  } catch (thrown) {
    return new FetchFailure("unreachable", url, reasonOf(silence.signal.aborted ? silence.signal.reason : thrown));
  } finally {
    clearTimeout(timer);
  }
}

/** The length of what comes, unless it is packed on the way. */
function announcedSize({ headers }: Response): number | undefined {
  const length = headers.get("content-length");
  return length === null || headers.has("content-encoding") ? undefined : Number(length);
}

function mismatch(expected: Expected, size: number, sha256: string): string | undefined {
  if (size > expected.size) return `it is longer than ${expected.size} bytes`;
  if (size < expected.size) return `it has ${size} of ${expected.size} bytes`;
  return sha256 === expected.sha256 ? undefined : `its SHA-256 is ${sha256}, not ${expected.sha256}`;
}
