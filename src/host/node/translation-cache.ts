import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TranslationStore } from "../../machine/engine.ts";

const MAGIC = Buffer.from("drupe-translation\n");
const DIGEST_BYTES = 32;

/**
 * Translations on disk, one file a key.
 *
 * A file is the magic, the SHA-256 of its key and value, and the value: one that was cut short or belongs to another key is ignored.
 * It is written beside its place and renamed, so that no other process ever sees half of it. A folder that cannot be written
 * costs the cache, never the run.
 */
export function createTranslationStore(folder: string): TranslationStore {
  const fileOf = (key: string): string => join(folder, createHash("sha256").update(key).digest("hex"));
  return {
    get(key) {
      let content: Buffer;
      try {
        content = readFileSync(fileOf(key));
      } catch {
        return undefined;
      }
      const body = content.subarray(MAGIC.length + DIGEST_BYTES);
      const digest = content.subarray(MAGIC.length, MAGIC.length + DIGEST_BYTES);
      if (!content.subarray(0, MAGIC.length).equals(MAGIC) || !digest.equals(digestOf(key, body))) return undefined;
      return new Uint8Array(body);
    },
    put(key, value) {
      const target = fileOf(key);
      const temporary = `${target}.${randomBytes(6).toString("hex")}`;
      try {
        mkdirSync(folder, { recursive: true });
        writeFileSync(temporary, Buffer.concat([MAGIC, digestOf(key, value), value]));
        renameSync(temporary, target);
      } catch {
        discard(temporary);
      }
    },
  };
}

function digestOf(key: string, value: Uint8Array): Buffer {
  return createHash("sha256").update(key).update("\0").update(value).digest();
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Where it could not be written, there is nothing to remove.
  }
}
