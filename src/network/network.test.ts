import assert from "node:assert/strict";
import { test } from "node:test";
import { type Connection, fetchFrom, streamsOver, WireConnection, wirePair } from "./index.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A server that says the same to everybody, in portions of some size; answers what it was told. */
function server(answer: string, portion = answer.length) {
  const heard: string[] = [];
  const connect = async (): Promise<Connection> => {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < answer.length; at += portion) parts.push(bytes(answer.slice(at, at + portion)));
    return {
      readable: new ReadableStream({
        pull(controller) {
          const part = parts.shift();
          if (part === undefined) controller.close();
          else controller.enqueue(part);
        },
      }),
      writable: new WritableStream({ write: (chunk) => void heard.push(new TextDecoder().decode(chunk)) }),
      close() {},
    };
  };
  return { connect, heard };
}

const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0A;x=y\r\n, and more\r\n0\r\n\r\n";

for (const { what, answer, body } of [
  { what: "a length", answer: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody and more", body: "body" },
  { what: "chunks", answer: CHUNKED, body: "one, and more" },
  { what: "the end of the connection", answer: "HTTP/1.0 200\n\nall of it", body: "all of it" },
  {
    what: "an answer that comes first",
    answer: "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\n\r\nlater",
    body: "later",
  },
]) {
  for (const portion of [1, 7, answer.length]) {
    test(`a body by ${what}, ${portion} bytes at a time`, async () => {
      const response = await fetchFrom(server(answer, portion).connect, "/");
      assert.equal(await response.text(), body);
    });
  }
}

for (const [what, answer] of Object.entries({
  "nothing at all": "",
  "no status line": "hello\r\n\r\n",
  "a status that is none": "HTTP/1.1 999 X\r\n\r\n",
  "a header with a space before its colon": "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
  "a header that goes on in the next line": "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
  "two lengths": "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
  "a negative length": "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab",
  "an unknown transfer coding": "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
  "a chunk without a size": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
  "a chunk that is too long": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
  "a body that ends too soon": "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
  "a head without end": `HTTP/1.1 200 OK\r\n${"A: b\r\n".repeat(20_000)}`,
  "a line without end": "x".repeat(200_000),
})) {
  test(`no HTTP: ${what}`, async () => {
    const asked = fetchFrom(server(answer).connect, "/").then((response) => response.text());
    await assert.rejects(asked, { name: "TypeError", message: /^the answer is no HTTP/ });
  });
}

test("what a server is told", async () => {
  const { connect, heard } = server("HTTP/1.1 200 OK\r\n\r\n");
  await fetchFrom(connect, "http://seed:81/a b?c=d", {
    method: "PUT",
    body: "stone",
    headers: { "Content-Type": "x/y" },
  });
  assert.equal(
    heard.join(""),
    "PUT /a%20b?c=d HTTP/1.1\r\nHost: seed:81\r\ncontent-type: x/y\r\nAccept: */*\r\nContent-Length: 5\r\n" +
      "Connection: close\r\n\r\nstone",
  );
});

test("a wire carries each way as much as is taken, and ends and breaks off", async () => {
  const [here, there] = wirePair();
  const near = new WireConnection(here);
  const far = new WireConnection(there);
  let sent = 0;
  for (; !near.full; sent += 10_000) near.write(new Uint8Array(10_000));
  assert.ok(sent > 100_000 && sent < 1_000_000);
  let got = 0;
  for (let part = far.read(7_000); part instanceof Uint8Array; part = far.read(7_000)) got += part.length;
  assert.equal(got, sent);
  assert.equal(near.full, false);
  const { readable, writable } = streamsOver(far);
  near.end();
  assert.deepEqual(await readable.getReader().read(), { value: undefined, done: true });
  const writer = writable.getWriter();
  await writer.write(bytes("back"));
  assert.equal(String(near.read(10)), String(bytes("back")));
  await writer.abort();
  assert.equal(near.read(10), "reset");
});
