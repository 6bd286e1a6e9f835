/** The whole way of `debian:PACKAGE`, against a made-up archive that a server on the loopback interface plays. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { bad, bytes, good, makeDeb, scratch } from "../made-archives.test.ts";
import { openRoot, type RootOptions } from "../open-root.ts";
import type { Progress } from "../progress.ts";
import { lookUp, type RootTree } from "../root-tree.ts";

interface Archive {
  readonly url: string;
  /** What is served, by path; a test may change it. */
  readonly files: Map<string, Uint8Array>;
  /** Paths asked for. */
  readonly asked: string[];
  readonly server: Server;
}

const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");

const PACKAGES: Readonly<Record<string, { readonly fields?: string; readonly deb: Buffer }>> = {
  "base-files": {
    deb: makeDeb([
      { name: "./usr/bin/", flag: "5" },
      { name: "./bin", flag: "2", target: "usr/bin" },
      { name: "./etc/os-release", body: "ID=debian\n" },
    ]),
  },
  greet: {
    fields: "Depends: libgreet (>= 2)\n",
    deb: makeDeb(
      [
        { name: "./usr/bin/greet", mode: 0o755, body: "greetings" },
        { name: "./usr/bin/greet-twice", flag: "1", target: "./usr/bin/greet" },
        { name: "./usr/share/doc/greet", body: "text" },
      ],
      "#!/bin/sh\nupdate-alternatives --install /usr/bin/hi hi /usr/bin/greet 10\n",
    ),
  },
  libgreet: { deb: makeDeb([{ name: "./lib/libgreet.so", body: "library" }]) },
  many: { deb: makeDeb([..."ab"].map((name) => ({ name: `./usr/bin/${name}`, mode: 0o755, body: name }))) },
  evil: { deb: makeDeb([{ name: "../../escape", body: "x" }]) },
};

/** Serves an archive with the packages above, with entity tags. */
async function serve(t: TestContext, release = "Origin: Debian\nSuite: stable\nCodename: trixie\n"): Promise<Archive> {
  const files = new Map<string, Uint8Array>();
  const paragraphs = Object.entries(PACKAGES).map(([name, { fields, deb }]) => {
    const filename = `pool/main/${name}_2-1_riscv64.deb`;
    files.set(`/debian/${filename}`, deb);
    return `Package: ${name}\nVersion: 2-1\n${fields ?? ""}Filename: ${filename}\nSize: ${deb.length}\nSHA256: ${sha256(deb)}\n`;
  });
  const index = gzipSync(paragraphs.join("\n"));
  const indexPath = "main/binary-riscv64/Packages.gz";
  files.set(`/debian/dists/trixie/${indexPath}`, index);
  files.set(
    "/debian/dists/trixie/InRelease",
    Buffer.from(`${release}SHA256:\n ${sha256(index)} ${index.length} ${indexPath}\n`),
  );
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    const body = files.get(request.url!);
    if (body === undefined) return void response.writeHead(404).end();
    const etag = `"${sha256(body)}"`;
    if (request.headers["if-none-match"] === etag) return void response.writeHead(304).end();
    // Packages come without a length, as from some caches.
    const length = request.url!.endsWith(".deb") ? {} : { "content-length": body.length };
    response.writeHead(200, { etag, ...length }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/debian`, files, asked, server };
}

function contentOf(root: RootTree, path: string): string {
  const entry = lookUp(root.entries, bytes(path))?.entry;
  assert.ok(entry?.type === "file", path);
  return Buffer.from(entry.read()).toString();
}

async function open(spec: string, options: RootOptions): Promise<RootTree> {
  return good(await openRoot(spec, options));
}

test("a package comes with those it needs, its links and its command", async (t) => {
  const { url } = await serve(t);
  const seen: Progress[] = [];
  const root = await open("debian:greet", { cacheDir: scratch(t), mirror: url, onProgress: (step) => seen.push(step) });
  assert.equal(root.command, "/usr/bin/greet");
  assert.equal(contentOf(root, "bin/greet"), "greetings");
  assert.equal(contentOf(root, "usr/bin/hi"), "greetings");
  assert.equal(contentOf(root, "usr/lib/libgreet.so"), "library");
  assert.equal(contentOf(root, "etc/os-release"), "ID=debian\n");
  assert.match(contentOf(root, "etc/passwd"), /^root:x:0:0:/);
  assert.equal(root.entries.get(bytes("usr/bin/greet")), root.entries.get(bytes("usr/bin/greet-twice")));
  for (const path of ["proc", "dev", "root", "tmp"]) assert.equal(root.entries.get(bytes(path))?.type, "directory");
  for (const phase of ["index", "download", "unpack"] as const) {
    const last = seen.filter((step) => step.phase === phase).at(-1);
    assert.equal(last?.doneBytes, last?.totalBytes, phase);
  }
  root.close();
});

test("the command is the one named, else the package's own, else the only one", async (t) => {
  const { url } = await serve(t);
  const options = { cacheDir: scratch(t), mirror: url };
  assert.equal((await open("debian:many/b", options)).command, "/usr/bin/b");
  assert.equal((await open("debian:many/usr/bin/a", options)).command, "/usr/bin/a");
  assert.match(bad(await openRoot("debian:many", options), /more than one program/).cure, /debian:many\/a: a, b/);
  bad(await openRoot("debian:many/c", options), /no program c/);
  bad(await openRoot("debian:libgreet", options), /has no program/);
  bad(await openRoot("debian:greet,", options), /does not name a Debian package/);
  assert.equal((await open("debian:greet,many", options)).command, "/usr/bin/greet");
  assert.equal((await open("debian:greet,many/b", options)).command, "/usr/bin/b");
});

test("the index is fetched once, and nothing is asked again within minutes", async (t) => {
  const { url, asked } = await serve(t);
  const options = { cacheDir: scratch(t), mirror: url };
  await open("debian:greet", options);
  const first = asked.length;
  await open("debian:greet", options);
  assert.equal(asked.length, first);
  await open("debian:many/a", options);
  assert.deepEqual(asked.slice(first), ["/debian/pool/main/many_2-1_riscv64.deb"]);
});

/** Makes the mirror's last answer old. */
function age(cacheDir: string): void {
  const directory = join(cacheDir, "debian/release");
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), checkedMs: 0 }));
  }
}

test("an old index is revalidated, and used if the mirror is away", async (t) => {
  const { url, asked, server } = await serve(t);
  const options = { cacheDir: scratch(t), mirror: url };
  await open("debian:greet", options);
  age(options.cacheDir);
  const first = asked.length;
  await open("debian:greet", options);
  assert.deepEqual(asked.slice(first), ["/debian/dists/trixie/InRelease"]);
  age(options.cacheDir);
  server.close();
  server.closeAllConnections();
  await open("debian:greet", options);
});

test("while a mirror announces an index that it does not have yet, the one that it had is used", async (t) => {
  const { url, files } = await serve(t);
  const options = { cacheDir: scratch(t), mirror: url };
  await open("debian:greet", options);
  const release = "/debian/dists/trixie/InRelease";
  const text = Buffer.from(files.get(release)!).toString();
  const announce = (digest: string) => files.set(release, Buffer.from(text.replace(/[0-9a-f]{64}/, digest)));
  announce("0".repeat(64));
  const length = files.get("/debian/dists/trixie/main/binary-riscv64/Packages.gz")!.length;
  age(options.cacheDir);
  await open("debian:many/a", options);
  bad(await openRoot("debian:greet", { ...options, cacheDir: scratch(t) }), /is not what was announced/);
  files.set(release, Buffer.from(text.replace(` ${length} `, " 77 ")));
  bad(await openRoot("debian:greet", { ...options, cacheDir: scratch(t) }), new RegExp(`has ${length} bytes, not 77`));
});

test("without an index that holds, packages that are known to work are taken", async (t) => {
  const { url, files } = await serve(t);
  const testedLock = join(scratch(t), "tested.lock");
  await open("debian:greet", { cacheDir: scratch(t), mirror: url, lockFile: testedLock });
  files.delete("/debian/dists/trixie/main/binary-riscv64/Packages.gz");
  const notices: string[] = [];
  const options = { cacheDir: scratch(t), mirror: url, testedLock, onNotice: (text: string) => notices.push(text) };
  assert.equal(contentOf(await open("debian:greet", options), "usr/bin/hi"), "greetings");
  assert.match(notices.join(), /does not have .*tested with$/);
  bad(await openRoot("debian:many", options), /does not have/);
});

test("a lock file fixes the bytes, and with it and the cache no network is touched", async (t) => {
  const archive = await serve(t);
  const directory = scratch(t);
  const options = { cacheDir: join(directory, "cache"), lockFile: join(directory, "drupe.lock") };
  await open("debian:greet", { ...options, mirror: archive.url });
  const lock = JSON.parse(readFileSync(options.lockFile, "utf8"));
  assert.deepEqual(
    lock.programs.greet.map((entry: { name: string }) => entry.name),
    ["base-files", "libgreet", "greet"],
  );
  assert.ok(!JSON.stringify(lock).includes("127.0.0.1"));

  // A mirror that would refuse any question.
  await open("debian:greet", { ...options, mirror: "http://127.0.0.1:9/debian" });
  await open("debian:greet", { ...options, aptDirectory: join(directory, "none") });

  // Another machine, with an empty cache: the index is not asked.
  archive.asked.length = 0;
  await open("debian:greet", { ...options, cacheDir: join(directory, "other"), mirror: archive.url });
  assert.ok(archive.asked.every((path) => path.startsWith("/debian/pool/")));
});

test("a lock file whose bytes are gone or changed is an error", async (t) => {
  const archive = await serve(t);
  const directory = scratch(t);
  const lockFile = join(directory, "drupe.lock");
  await open("debian:greet", { cacheDir: join(directory, "cache"), lockFile, mirror: archive.url });
  const anew = () => openRoot("debian:greet", { cacheDir: join(directory, "empty"), lockFile, mirror: archive.url });
  const path = "/debian/pool/main/greet_2-1_riscv64.deb";
  const deb = archive.files.get(path)!;

  archive.files.delete(path);
  bad(await anew(), /no mirror has greet 2-1 any more/);
  const changed = Buffer.from(deb);
  changed[changed.length - 1]! ^= 1;
  archive.files.set(path, changed);
  bad(await anew(), /its SHA-256 is/);
  archive.files.set(path, deb.subarray(0, 100));
  bad(await anew(), /it has 100 of/);
  archive.files.set(path, Buffer.concat([deb, Buffer.alloc(10)]));
  bad(await anew(), /longer than/);
  const kept = readdirSync(join(directory, "empty/debian/packages"));
  assert.ok(!kept.includes(sha256(deb)) && kept.every((name) => !name.startsWith(".tmp-")));
  assert.deepEqual(readdirSync(join(directory, "empty/debian/downloads")), []);
});

test("a package that leads outside is refused and leaves nothing", async (t) => {
  const { url } = await serve(t);
  const cacheDir = scratch(t);
  bad(await openRoot("debian:evil", { cacheDir, mirror: url }), /evil 2-1: the name "\.\.\/\.\.\/escape" leads out/);
  assert.ok(!existsSync(join(cacheDir, "../escape")));
});

test("a mirror that cannot be used is named with the cure", async (t) => {
  const cacheDir = scratch(t);
  const cure = /--mirror URL/;
  const silent = bad(
    await openRoot("debian:greet", { cacheDir, mirror: "http://127.0.0.1:9/debian" }),
    /does not answer/,
  );
  assert.match(silent.cure, cure);
  bad(await openRoot("debian:greet", { cacheDir, mirror: "ftp://mirror.example/debian" }), /not an http or https URL/);
  bad(await openRoot("debian:greet", { cacheDir, aptDirectory: cacheDir }), /no Debian mirror is known/);

  const archive = await serve(t, "Origin: Debian\nSuite: stable\nCodename: forky\n");
  bad(await openRoot("debian:greet", { cacheDir, mirror: archive.url }), /suite forky in the place of trixie/);
  archive.files.delete("/debian/dists/trixie/InRelease");
  bad(await openRoot("debian:greet", { cacheDir, mirror: archive.url }), /does not have .*Release/);
});

test("of the machine's apt sources the first that is Debian's serves", async (t) => {
  const other = await serve(t, "Origin: Vendor\nSuite: stable\nCodename: trixie\n");
  const debian = await serve(t);
  const aptDirectory = scratch(t);
  mkdirSync(join(aptDirectory, "sources.list.d"));
  const sources = [other, debian].map(({ url }) => `deb ${url} trixie main\n`);
  writeFileSync(join(aptDirectory, "sources.list"), sources.join(""));
  await open("debian:greet", { cacheDir: scratch(t), aptDirectory });
  assert.ok(debian.asked.some((path) => path.includes("/pool/")));
  assert.ok(!other.asked.some((path) => path.includes("/pool/")));
});

test("two runs at once fill one cache", async (t) => {
  const { url } = await serve(t);
  const options = { cacheDir: scratch(t), mirror: url };
  const roots = await Promise.all([1, 2, 3].map(() => open("debian:greet", options)));
  for (const root of roots) assert.equal(contentOf(root, "usr/bin/greet"), "greetings");
  assert.equal(readdirSync(join(options.cacheDir, "debian/packages")).length, 3);
});
