import assert from "node:assert/strict";
import { test } from "node:test";
import { collectPort } from "./values.ts";

for (const { text, port } of [
  { text: "8080:80", port: { host: 8080, guest: 80 } },
  { text: "8080:80/tcp", port: { host: 8080, guest: 80 } },
  { text: "80", port: { host: 0, guest: 80 } },
  { text: "0.0.0.0:8080:80", port: { address: "0.0.0.0", host: 8080, guest: 80 } },
  { text: "127.0.0.1::80", port: { address: "127.0.0.1", host: 0, guest: 80 } },
  { text: "[::1]:8080:80", port: { address: "::1", host: 8080, guest: 80 } },
]) {
  test(`-p ${text}`, () => assert.deepEqual(collectPort(text, []), [port]));
}

for (const text of [
  "",
  "http",
  "8080:",
  "8080:0",
  "8080:65536",
  "70000:80",
  "8080:80/udp",
  "::1:8080:80",
  "-1:80",
  "1:2:3:4",
]) {
  test(`refused: -p ${text}`, () => assert.throws(() => collectPort(text, []), /port/i));
}
