/** HTTP/1.1 as a client speaks it: the request's head, and answers of any framing (RFC 9112). */

/** A head longer than this is no answer. */
const MOST_HEAD = 65_536;

/** A status line and headers. */
export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
}

/** What a server sent that is no HTTP: fetch(2) of the web fails with a TypeError too. */
export function malformed(what: string): TypeError {
  return new TypeError(`the answer is no HTTP: ${what}`);
}

/** Writes a request's head. It asks for one answer only, and takes the body as it is. */
export function requestHead(method: string, url: URL, headers: Headers, bodyLength: number | undefined): Uint8Array {
  const lines = [`${method} ${url.pathname}${url.search} HTTP/1.1`];
  if (!headers.has("host")) lines.push(`Host: ${url.host}`);
  for (const [name, value] of headers) {
    if (!SET_HERE.has(name)) lines.push(`${name}: ${value}`);
  }
  if (!headers.has("accept")) lines.push("Accept: */*");
  if (bodyLength !== undefined) lines.push(`Content-Length: ${bodyLength}`);
  lines.push("Connection: close", "", "");
  return new TextEncoder().encode(lines.join("\r\n"));
}

/** Headers that follow from how the message is sent. */
const SET_HERE: ReadonlySet<string> = new Set(["connection", "content-length", "keep-alive", "transfer-encoding"]);

/** Reads an answer piece by piece. */
export class ResponseReader {
  private readonly source: ReadableStreamDefaultReader<Uint8Array>;
  private rest: Uint8Array = new Uint8Array();

  constructor(source: ReadableStreamDefaultReader<Uint8Array>) {
    this.source = source;
  }

  /** The answer's head; those that only tell that more is to come are passed over (1xx). */
  async head(): Promise<ResponseHead> {
    for (;;) {
      const head = parseHead(await this.headLines());
      if (head.status >= 200) return head;
      if (head.status === 101) throw malformed("it changes the protocol");
    }
  }

  /** The body behind a head, by what the head says of its length (RFC 9112, 6.3). */
  body(head: ResponseHead): AsyncGenerator<Uint8Array> {
    const coding = head.headers.get("transfer-encoding");
    if (coding !== null) {
      if (coding.toLowerCase() !== "chunked") throw malformed(`the transfer coding ${coding}`);
      return this.chunked();
    }
    const length = head.headers.get("content-length");
    if (length === null) return this.untilEnd();
    if (!/^\d+$/.test(length)) throw malformed(`a length of ${length}`);
    return this.exactly(Number(length));
  }

  cancel(reason: unknown): Promise<void> {
    return this.source.cancel(reason);
  }

  private async *untilEnd(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.rest.length > 0) yield this.rest;
      this.rest = new Uint8Array();
      if (!(await this.more())) return;
    }
  }

  private async *exactly(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0; ) {
      if (this.rest.length === 0 && !(await this.more())) throw malformed("it ends before its time");
      const part = this.rest.subarray(0, left);
      this.rest = this.rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  private async *chunked(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const size = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(await this.line())?.[1];
      if (size === undefined) throw malformed("a chunk without a size");
      if (Number.parseInt(size, 16) === 0) break;
      yield* this.exactly(Number.parseInt(size, 16));
      if ((await this.line()) !== "") throw malformed("a chunk that is longer than its size");
    }
    // Trailers are of no use to who reads the body.
    while ((await this.line()) !== "");
  }

  private async headLines(): Promise<readonly string[]> {
    const lines: string[] = [];
    for (let total = 0; ; ) {
      const line = await this.line();
      total += line.length + 2;
      if (total > MOST_HEAD) throw malformed("a head that does not end");
      if (line !== "") lines.push(line);
      else if (lines.length > 0) return lines;
    }
  }

  /** The next line, without its end; a lone LF is one too. */
  private async line(): Promise<string> {
    let end = this.rest.indexOf(LF);
    while (end < 0) {
      if (this.rest.length > MOST_HEAD) throw malformed("a line that does not end");
      if (!(await this.more())) throw malformed(this.rest.length === 0 ? "nothing came" : "it ends before its time");
      end = this.rest.indexOf(LF);
    }
    const bytes = this.rest.subarray(0, this.rest[end - 1] === CR ? end - 1 : end);
    this.rest = this.rest.subarray(end + 1);
    return String.fromCharCode(...bytes);
  }

  private async more(): Promise<boolean> {
    const { value, done } = await this.source.read();
    if (done) return false;
    const joined = new Uint8Array(this.rest.length + value.length);
    joined.set(this.rest);
    joined.set(value, this.rest.length);
    this.rest = joined;
    return true;
  }
}

const LF = 10;
const CR = 13;

function parseHead([statusLine = "", ...lines]: readonly string[]): ResponseHead {
  const status = /^HTTP\/1\.[01] ([1-5]\d\d)(?: (.*))?$/.exec(statusLine);
  if (status === null) throw malformed(`it begins with ${JSON.stringify(statusLine.slice(0, 40))}`);
  const headers = new Headers();
  for (const line of lines) {
    const field = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (field === null) throw malformed(`a header that is ${JSON.stringify(line.slice(0, 40))}`);
    headers.append(field[1]!, field[2]!);
  }
  return { status: Number(status[1]), statusText: status[2] ?? "", headers };
}
