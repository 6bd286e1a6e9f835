import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ByteString, utf8Encode } from "../../base/bytes.ts";
import { HostError, type HostNode } from "../../kernel/host.ts";
import { openHostFolder } from "./files.ts";

const name = utf8Encode;

/** A granted folder beside a secret: outside/secret, granted/{file,sub/,to-secret,to-outside,up}. */
function grant(t: TestContext): { root: HostNode; top: string } {
  const top = mkdtempSync(join(tmpdir(), "drupe-files-"));
  t.after(() => rmSync(top, { recursive: true }));
  mkdirSync(join(top, "outside"));
  writeFileSync(join(top, "outside/secret"), "secret");
  mkdirSync(join(top, "granted/sub"), { recursive: true });
  writeFileSync(join(top, "granted/file"), "content");
  writeFileSync(join(top, "granted/sub/inner"), "inner");
  symlinkSync(join(top, "outside/secret"), join(top, "granted/to-secret"));
  symlinkSync(join(top, "outside"), join(top, "granted/to-outside"));
  symlinkSync("..", join(top, "granted/up"));
  const folder = openHostFolder(join(top, "granted"), name("/mnt"), false);
  assert.ok(folder !== undefined);
  return { root: folder.root, top };
}

function found(node: HostNode | HostError): HostNode {
  assert.ok(!(node instanceof HostError), `refused: ${(node as HostError).code}`);
  return node;
}

function code(answer: unknown): string | undefined {
  return answer instanceof HostError ? answer.code : undefined;
}

test("a file is read and written at its place", (t) => {
  const { root, top } = grant(t);
  const file = found(root.lookup(name("file"))).open(true);
  assert.ok(!(file instanceof HostError));
  const bytes = new Uint8Array(16);
  assert.equal(file.read(bytes, 3), 4);
  assert.equal(file.write(new Uint8Array([0x21]), 7), 1);
  const stat = file.stat();
  assert.ok(!(stat instanceof HostError) && stat.size === 8);
  file.close();
  assert.equal(readFileSync(join(top, "granted/file"), "utf8"), "content!");
});

for (const bad of ["..", ".", "", "sub/inner", "../outside/secret", "/etc/passwd", "a\0b"]) {
  test(`the name ${JSON.stringify(bad)} is no component`, (t) => {
    const { root } = grant(t);
    assert.equal(code(root.lookup(bad as ByteString)), "EINVAL");
    assert.equal(code(root.create(bad as ByteString, 0o644)), "EINVAL");
    assert.equal(code(root.unlink(bad as ByteString, false)), "EINVAL");
    assert.equal(code(root.rename(name("file"), root, bad as ByteString)), "EINVAL");
  });
}

test("a link is seen as a link and never followed", (t) => {
  const { root } = grant(t);
  const link = found(root.lookup(name("to-secret")));
  assert.equal((link.stat() as { type: string }).type, "symlink");
  assert.equal(code(link.open(false)), "ELOOP");
  assert.equal(code(link.setMode(0o777)), "ENOTSUP");
  for (const directory of ["to-outside", "up"]) {
    const node = found(root.lookup(name(directory)));
    assert.ok(code(node.lookup(name("secret"))) !== undefined);
    assert.ok(code(node.list()) !== undefined);
    assert.ok(code(node.create(name("new"), 0o644)) !== undefined);
  }
});

test("a directory that becomes a link while it is held leads nowhere", (t) => {
  const { root, top } = grant(t);
  const sub = found(root.lookup(name("sub")));
  renameSync(join(top, "granted/sub"), join(top, "granted/gone"));
  symlinkSync(join(top, "outside"), join(top, "granted/sub"));
  assert.ok(code(sub.lookup(name("secret"))) !== undefined);
  assert.ok(code(sub.create(name("planted"), 0o644)) !== undefined);
  assert.equal(existsSync(join(top, "outside/planted")), false);
});

test("names that are not UTF-8 survive", (t) => {
  const { root } = grant(t);
  const odd = "\xff\xfe\xe9" as ByteString;
  found(root.create(odd, 0o644));
  const listed = root.list();
  assert.ok(!(listed instanceof HostError));
  assert.ok(listed.some((entry) => entry.name === odd));
  assert.equal(root.unlink(odd, false), undefined);
});

test("directories, links and renames", (t) => {
  const { root, top } = grant(t);
  const made = found(root.makeDirectory(name("made"), 0o755));
  assert.equal(root.rename(name("file"), made, name("moved")), undefined);
  assert.equal(readFileSync(join(top, "granted/made/moved"), "utf8"), "content");
  assert.equal(made.link(name("again"), found(made.lookup(name("moved")))), undefined);
  assert.equal((found(made.lookup(name("again"))).stat() as { links: number }).links, 2);
  assert.equal(code(root.unlink(name("made"), true)), "ENOTEMPTY");
  found(root.symlink(name("made-link"), name("made/moved")));
  assert.equal(found(root.lookup(name("made-link"))).readLink(), "made/moved");
});

test("a missing folder is not granted", () => {
  assert.equal(openHostFolder("/nonexistent/folder", name("/mnt"), false), undefined);
});
