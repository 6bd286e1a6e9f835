/**
 * Byte strings: JavaScript strings that hold one byte (0..255) a character.
 *
 * Linux names are bytes and need not be UTF-8; paths, arguments and environment of a guest keep this form everywhere, so
 * that a name survives the way through the kernel unchanged. Text is made of it only for display and at a host's edge.
 */
import type { Brand } from "./brand.ts";

/** A string whose characters are bytes: no char code exceeds 255. */
export type ByteString = Brand<string, "ByteString">;

/** Takes bytes as they are, one char each. */
export function byteString(bytes: Uint8Array): ByteString {
  let text = "";
  // fromCharCode takes its arguments on the stack: a slice at a time keeps any length safe.
  for (let at = 0; at < bytes.length; at += 4096) {
    // `apply` reads a typed array as an array; spreading it would iterate.
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + 4096) as unknown as number[]);
  }
  return text as ByteString;
}

/** Gives the bytes of a byte string. */
export function bytesOf(text: ByteString): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Encodes text as UTF-8; a lone surrogate becomes U+FFFD, as in the Encoding Standard. */
export function utf8Encode(text: string): ByteString {
  if (isAscii(text)) return text as ByteString;
  let out = "";
  for (const char of text) out += encodePoint(char.codePointAt(0)!);
  return out as ByteString;
}

/** Decodes UTF-8 for display; each ill-formed sequence becomes U+FFFD (its maximal subpart, Unicode 3.9). */
export function utf8Decode(bytes: ByteString): string {
  if (isAscii(bytes)) return bytes;
  let out = "";
  for (let at = 0; at < bytes.length; ) {
    const { point, length } = decodePoint(bytes, at);
    out += String.fromCodePoint(point);
    at += length;
  }
  return out;
}

const REPLACEMENT = 0xfffd;

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

function encodePoint(point: number): string {
  if (point < 0x80) return String.fromCharCode(point);
  if (point < 0x800) return String.fromCharCode(0xc0 | (point >> 6), continuation(point));
  if (point >= 0xd800 && point < 0xe000) return encodePoint(REPLACEMENT);
  if (point < 0x10000) return String.fromCharCode(0xe0 | (point >> 12), continuation(point >> 6), continuation(point));
  return String.fromCharCode(
    0xf0 | (point >> 18),
    continuation(point >> 12),
    continuation(point >> 6),
    continuation(point),
  );
}

function continuation(bits: number): number {
  return 0x80 | (bits & 0x3f);
}

/** Reads one code point; the table of well-formed sequences is Unicode's table 3-7. */
function decodePoint(bytes: string, at: number): { readonly point: number; readonly length: number } {
  const lead = bytes.charCodeAt(at);
  if (lead < 0x80) return { point: lead, length: 1 };
  const extra = lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : 0;
  let point = lead & (0x3f >> extra);
  for (let i = 1; i <= extra; i++) {
    const next = at + i < bytes.length ? bytes.charCodeAt(at + i) : 0;
    // The second byte alone tells overlong forms, surrogates and points above U+10FFFF.
    const low = i > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = i > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (next < low || next > high) return { point: REPLACEMENT, length: i };
    point = (point << 6) | (next & 0x3f);
  }
  return { point: extra === 0 ? REPLACEMENT : point, length: extra + 1 };
}
