/** What a message takes of its sender's buffer: the memory that Linux keeps it in (skb->truesize). */
import { roundUp } from "../../base/struct.ts";

const PAGE = 4096;
/** struct sk_buff, and struct skb_shared_info behind the bytes that lie in one piece. */
const BUFFER = 256;
const SHARED_INFO = 320;
/** The smallest piece that is allocated. */
const SMALLEST = 512;
/** As many bytes as lie in one piece, of a packet and of a stream; those behind lie in pages. */
const PACKET_HEAD = 4 * PAGE - SHARED_INFO;
const STREAM_HEAD = PAGE - SHARED_INFO;
/** As many as pages are taken for, of a packet (MAX_SKB_FRAGS) and of a stream (UNIX_SKB_FRAGS_SZ). */
const PACKET_PAGES = 17 * PAGE;
const STREAM_PAGES = 8 * PAGE;

/** The most bytes that a stream keeps in one piece. */
export const STREAM_PART = STREAM_HEAD + STREAM_PAGES;

/** Of a whole message (unix_dgram_sendmsg). */
export function packetCost(length: number): number {
  return memoryOf(length, roundUp(Math.min(Math.max(length - PACKET_HEAD, 0), PACKET_PAGES), PAGE));
}

/** Of a piece of a stream (unix_stream_sendmsg). */
export function streamCost(length: number): number {
  return memoryOf(length, Math.min(length, roundUp(Math.max(length - STREAM_HEAD, 0), PAGE)));
}

function memoryOf(length: number, inPages: number): number {
  const piece = Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(length - inPages + SHARED_INFO)));
  return piece + BUFFER + roundUp(inPages, PAGE);
}
