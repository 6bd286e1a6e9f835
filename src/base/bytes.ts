import type { Brand } from "./brand.ts";

/**
 * Text of the guest: one character for each byte, U+0000 to U+00FF.
 *
 * Linux's names, arguments and variables are bytes; they need not be UTF-8. They are decoded for display only.
 */
export type ByteString = Brand<string, "ByteString">;

/** Makes a byte string of bytes; `length` stops early. */
export function byteString(bytes: ArrayLike<number>, start = 0, end = bytes.length): ByteString {
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]! & 0xff);
  return text as ByteString;
}

/** The bytes of a byte string, without a terminating NUL. */
export function bytesOf(text: ByteString): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Encodes JavaScript text as UTF-8. Lone surrogates become U+FFFD. */
export function fromText(text: string): ByteString {
  // encodeURIComponent is the language's own UTF-8 encoder; TextEncoder belongs to hosts.
  return text
    .toWellFormed()
    .replace(/[\u0080-\uffff]+/g, (run) =>
      encodeURIComponent(run).replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    ) as ByteString;
}

/** Decodes UTF-8 for display. A byte that is not part of valid UTF-8 becomes U+FFFD. */
export function toText(text: ByteString): string {
  return text.replace(
    /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\x80-\xff]/g,
    (sequence) => {
      try {
        return decodeURIComponent([...sequence].map((c) => `%${c.charCodeAt(0).toString(16)}`).join(""));
      } catch {
        return "\ufffd";
      }
    },
  );
}
