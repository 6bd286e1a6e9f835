/** A suite's Release file: which index files there are, and their check sums. */
import { ImageError } from "../image-error.ts";
import { parseParagraphs } from "./control.ts";

export interface Release {
  readonly origin: string;
  readonly codename: string;
  readonly suite: string;
  /** Whether index files can be had by their hash, so that a mirror being updated cannot give a mismatch. */
  readonly byHash: boolean;
  /** SHA-256 and size by path below the suite's directory. */
  readonly files: ReadonlyMap<string, { readonly sha256: string; readonly size: number }>;
}

/**
 * Parses an InRelease or a Release file.
 *
 * An InRelease file is clear-signed. The signature is not verified: that needs the archive's keys, which only Debian
 * systems have. What a user is to trust is written down in the lock file, and every later run is held to that.
 */
export function parseRelease(text: string): Release | ImageError {
  const fields = parseParagraphs(unarmor(text)).find((paragraph) => paragraph.has("sha256"));
  if (fields === undefined) {
    return new ImageError(
      "the mirror's Release file lists no SHA-256 sums",
      "Check the mirror's address; pass --mirror URL.",
    );
  }
  const files = new Map<string, { sha256: string; size: number }>();
  for (const line of (fields.get("sha256") ?? "").split("\n")) {
    const found = /^([0-9a-f]{64})\s+(\d+)\s+(\S+)$/.exec(line);
    if (found !== null) files.set(found[3]!, { sha256: found[1]!, size: Number(found[2]) });
  }
  return {
    origin: fields.get("origin") ?? "",
    codename: fields.get("codename") ?? "",
    suite: fields.get("suite") ?? "",
    byHash: fields.get("acquire-by-hash") === "yes",
    files,
  };
}

/** Takes the signed text out of an OpenPGP clear-signed message (RFC 9580, section 7). */
function unarmor(text: string): string {
  const begin = /^-----BEGIN PGP SIGNED MESSAGE-----\r?\n(?:[^\r\n]+\r?\n)*\r?\n/.exec(text);
  if (begin === null) return text;
  const end = text.indexOf("\n-----BEGIN PGP SIGNATURE-----");
  return text.slice(begin[0].length, end < 0 ? text.length : end).replace(/^- /gm, "");
}
