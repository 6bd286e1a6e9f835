/** Archives that the tests of this layer make: tar with any header, ar, and Debian packages out of both. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { type ByteString, utf8Encode } from "../base/bytes.ts";
import { ImageError } from "./image-error.ts";

/** A member as it stands in the archive: names are not cleaned, so that a test can be hostile. */
export interface Member {
  readonly name: string;
  /** The type flag of ustar: "0" a file, "1" a hard link, "2" a symlink, "5" a directory, … */
  readonly flag?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly mtime?: number;
  readonly body?: string | Uint8Array;
  readonly target?: string;
  readonly major?: number;
  readonly minor?: number;
  /** Claims another size than the body has. */
  readonly size?: number;
  /** pax records that precede the member. */
  readonly pax?: Readonly<Record<string, string>>;
}

/** Makes a tar archive; `end` false leaves the end marker out. */
export function makeTar(members: readonly Member[], end = true): Buffer {
  const blocks = members.flatMap((member) => [...(member.pax ? paxBlocks(member.pax) : []), ...memberBlocks(member)]);
  return Buffer.concat(end ? [...blocks, Buffer.alloc(1024)] : blocks);
}

function memberBlocks(member: Member): Buffer[] {
  const body = Buffer.from(member.body ?? "");
  const header = Buffer.alloc(512);
  const octal = (value: number, at: number, digits: number) =>
    header.write(value.toString(8).padStart(digits, "0"), at);
  header.write(member.name, 0, 100, "latin1");
  octal(member.mode ?? (member.flag === "5" ? 0o755 : 0o644), 100, 7);
  octal(member.uid ?? 0, 108, 7);
  octal(0, 116, 7);
  octal(member.size ?? body.length, 124, 11);
  octal(member.mtime ?? 1_700_000_000, 136, 11);
  header.write(member.flag ?? "0", 156);
  header.write(member.target ?? "", 157, 100, "latin1");
  header.write("ustar\x0000", 257, "latin1");
  octal(member.major ?? 0, 329, 7);
  octal(member.minor ?? 0, 337, 7);
  header.fill(" ", 148, 156);
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  header[154] = 0;
  return [header, body, Buffer.alloc(-body.length & 511)];
}

function paxBlocks(records: Readonly<Record<string, string>>): Buffer[] {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    let length = Buffer.byteLength(rest) + 1;
    while (String(length).length + Buffer.byteLength(rest) !== length) length++;
    return `${length}${rest}`;
  });
  return memberBlocks({ name: "pax", flag: "x", body: lines.join("") });
}

export function makeAr(members: Readonly<Record<string, Uint8Array>>): Buffer {
  const parts: Uint8Array[] = [Buffer.from("!<arch>\n")];
  for (const [name, body] of Object.entries(members)) {
    const header = `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}`;
    parts.push(
      Buffer.from(`${header}${String(body.length).padEnd(10)}\`\n`),
      body,
      Buffer.alloc(body.length % 2, "\n"),
    );
  }
  return Buffer.concat(parts);
}

export function makeDeb(files: readonly Member[], postinst?: string): Buffer {
  const control = postinst === undefined ? [] : [{ name: "./postinst", mode: 0o755, body: postinst }];
  return makeAr({
    "debian-binary": Buffer.from("2.0\n"),
    "control.tar.gz": gzipSync(makeTar([{ name: "./", flag: "5" }, ...control])),
    "data.tar.gz": gzipSync(makeTar(files)),
  });
}

/** A directory for one test. */
export function scratch(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "drupe-image-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export const bytes = (text: string): ByteString => utf8Encode(text);

/** Takes the value that is no error. */
export function good<T>(value: T | ImageError): T {
  if (value instanceof ImageError) assert.fail(String(value));
  return value;
}

/** Takes the error, whose message matches. */
export function bad(value: unknown, message: RegExp): ImageError {
  assert.ok(value instanceof ImageError, "an ImageError is expected");
  assert.match(value.message, message);
  assert.notEqual(value.cure, "");
  return value;
}
