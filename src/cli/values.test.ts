import assert from "node:assert/strict";
import { test } from "node:test";
import { collectPort, collectVolume } from "./values.ts";

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

for (const { text, volume } of [
  { text: "/srv:/data", volume: { source: "/srv", destination: "/data", readOnly: false } },
  { text: "./srv:/data:ro", volume: { source: "./srv", destination: "/data", readOnly: true } },
  { text: "..:/data:rw", volume: { source: "..", destination: "/data", readOnly: false } },
  { text: "notes:/data", volume: { source: "notes", destination: "/data", readOnly: false, named: true } },
  { text: "my.notes_2:/d/e:ro", volume: { source: "my.notes_2", destination: "/d/e", readOnly: true, named: true } },
]) {
  test(`-v ${text}`, () => assert.deepEqual(collectVolume(text, []), [volume]));
}

for (const text of [
  "",
  "notes",
  "notes:",
  "notes:data",
  ":/data",
  "notes:/data:rx",
  "no*es:/data",
  "-n:/data",
  "n:/",
  "n:/a/../b",
]) {
  test(`refused: -v ${text}`, () => assert.throws(() => collectVolume(text, []), /volume|folder/i));
}

test("refused: two volumes at one place", () => {
  assert.throws(() => collectVolume("two:/data", collectVolume("one:/data", [])), /two volumes at \/data/);
});
