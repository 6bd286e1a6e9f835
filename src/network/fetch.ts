/** fetch() of the web, to servers of a machine. */
import { malformed, type ResponseHead, ResponseReader, requestHead } from "./http-message.ts";
import type { Connection } from "./streams.ts";

/** Opens a connection to a port of a machine; fails if nobody listens there. */
export type Connect = (port: number) => Promise<Connection>;

/** Where a URL without a host leads. */
const BASE = "http://localhost/";
const MOST_REDIRECTS = 20;

/**
 * Asks a server of a machine by HTTP/1.1, over a connection of its own.
 *
 * The URL's port is the guest's; its host is only what the server is told. Redirects are followed within the machine unless
 * `redirect` says otherwise. A body is sent when it is there whole; an answer is handed over as it comes.
 *
 * @throws TypeError as fetch() does: nobody listens, the connection is broken off, or the answer is no HTTP.
 */
export async function fetchFrom(connect: Connect, url: string | URL, init: RequestInit = {}): Promise<Response> {
  let target = new URL(url, BASE);
  let request = new Request(target, init);
  const { redirect = "follow", signal } = init;
  for (let followed = 0; ; followed++) {
    const response = await ask(connect, target, request.clone(), signal ?? undefined);
    const location = response.headers.get("location");
    if (location === null || !REDIRECTS.has(response.status) || redirect === "manual") return response;
    if (redirect === "error" || followed === MOST_REDIRECTS) throw new TypeError(`${target} leads elsewhere`);
    await response.body?.cancel();
    target = new URL(location, target);
    const becomesGet = response.status === 303 || (response.status < 303 && request.method === "POST");
    request = new Request(target, becomesGet ? { headers: withoutBody(request.headers) } : request);
  }
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Answers that have no body, whatever their head says. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

function withoutBody(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of ["content-type", "content-language", "content-encoding"]) kept.delete(name);
  return kept;
}

async function ask(connect: Connect, url: URL, request: Request, signal: AbortSignal | undefined): Promise<Response> {
  if (url.protocol !== "http:") throw new TypeError(`${url.protocol}// is not spoken to a machine, only http://`);
  signal?.throwIfAborted();
  const bytes = new Uint8Array(await request.arrayBuffer());
  const hasBody = bytes.length > 0 || !["GET", "HEAD"].includes(request.method);
  const connection = await connect(Number(url.port || 80)).catch((error: unknown) => {
    throw failure(error);
  });
  const abort = (): void => connection.close();
  signal?.addEventListener("abort", abort, { once: true });
  const done = (): void => signal?.removeEventListener("abort", abort);
  try {
    const sent = send(connection, [
      requestHead(request.method, url, request.headers, hasBody ? bytes.length : undefined),
      bytes,
    ]);
    // A server may answer and close before it has read all of a body.
    sent.catch(() => {});
    const reader = new ResponseReader(connection.readable.getReader());
    const head = await reader.head();
    const bodiless = request.method === "HEAD" || BODILESS.has(head.status);
    if (bodiless) connection.close();
    const body = bodiless ? null : streamOf(reader, head, connection, done);
    if (bodiless) done();
    return new Response(body, head);
  } catch (error) {
    done();
    connection.close();
    signal?.throwIfAborted();
    throw failure(error);
  }
}

/** What fetch() fails with. */
function failure(cause: unknown): TypeError {
  return cause instanceof TypeError
    ? cause
    : new TypeError(cause instanceof Error ? cause.message : String(cause), { cause });
}

async function send({ writable }: Connection, parts: readonly Uint8Array[]): Promise<void> {
  const writer = writable.getWriter();
  for (const part of parts) if (part.length > 0) await writer.write(part);
}

function streamOf(
  reader: ResponseReader,
  head: ResponseHead,
  connection: Connection,
  done: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const parts = reader.body(head);
  const end = (): void => {
    done();
    connection.close();
  };
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { value, done: over } = await parts.next();
          if (value !== undefined) return controller.enqueue(value as Uint8Array<ArrayBuffer>);
          if (!over) throw malformed("nothing");
          end();
          controller.close();
        } catch (error) {
          end();
          throw error;
        }
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}
