/**
 * Published ports: `node test/network/run.mjs [NAME…]`, after a build. A web server in C runs on Drupe, and servers from
 * Debian; this process is their client, over TCP and from JavaScript. Everything listens on the loopback, at ports that were free. The last line is
 * `N passed, N failed`.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { boot } from "../../dist/bundle/index.mjs";
import { cliPath } from "../../scripts/cli-path.mjs";
import { useDebianLock } from "../../scripts/debian-lock.mjs";
import { build } from "../guest/harness/build.mjs";

await useDebianLock();
const root = fileURLToPath(new URL("../..", import.meta.url));
const server = await build({
  compiler: "riscv64-linux-gnu-gcc",
  source: join(import.meta.dirname, "web-server.c"),
  flags: [],
  link: "static",
});
const MUCH = 64 << 20;

/**
 * Runs the server with the command line, at any free port; answers the port and the process.
 * @param {string[]} [flags]
 * @param {string} [what]
 */
async function published(flags = ["-p", "127.0.0.1::80"], what = server) {
  const child = spawn(process.execPath, [cliPath, "run", "-q", ...flags, what], { stdio: ["ignore", "pipe", "pipe"] });
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    told += text;
  });
  await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  const port = Number(/127\.0\.0\.1:(\d+) leads to port 80/.exec(told)?.[1]);
  assert.ok(port > 0, `no port was told: ${told}`);
  return { child, port };
}

/** Ends it as Ctrl-C does, and answers its status. */
async function interrupt(/** @type {import("node:child_process").ChildProcess} */ child) {
  const exited = once(child, "exit");
  child.kill("SIGINT");
  const [status] = await exited;
  return status;
}

/** A machine with the server in it. */
async function machine() {
  const made = await boot({ files: { "/web-server": readFileSync(server) } });
  await made.spawn("/web-server");
  assert.ok(made.stdout);
  await once(made.stdout, "data");
  return made;
}

/**
 * Connects as soon as a program listens.
 * @param {import("../../dist/api/index.js").Machine} made
 * @param {number} port
 */
async function whenListening(made, port) {
  for (const end = Date.now() + 30_000; ; await sleep(50)) {
    try {
      return await made.connect(port);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

/** What a server answers that may not listen yet. */
async function textAt(/** @type {string} */ url) {
  for (const end = Date.now() + 30_000; ; await sleep(50)) {
    try {
      return await (await fetch(url)).text();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

/** Everything that a machine wrote. */
async function textOf(/** @type {import("node:stream").Readable | undefined} */ stream) {
  let text = "";
  for await (const chunk of stream ?? []) text += chunk;
  return text;
}

/** Everything that comes over a socket until its end. */
async function all(/** @type {import("node:net").Socket} */ socket) {
  const chunks = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Whether bytes are those that `/much` answers, from a place on. */
const isMuch = (/** @type {Uint8Array} */ bytes, /** @type {number} */ from) =>
  bytes.every((byte, i) => byte === (from + i) % 251);

/** Tries the command line with flags that it must refuse. */
function refused(/** @type {string[]} */ ...flags) {
  const { status, stderr } = spawnSync(process.execPath, [cliPath, "run", ...flags, "drupe:hello"], {
    encoding: "utf8",
  });
  return { status, stderr };
}

/** @type {Record<string, () => Promise<void>>} */
const tests = {
  async "a published port is answered, also for many at once"() {
    const { child, port } = await published();
    const answers = await Promise.all(Array.from({ length: 24 }, () => fetch(`http://127.0.0.1:${port}/`)));
    for (const answer of answers) assert.equal(await answer.text(), "hello\n");
    const body = "seed ".repeat(100_000);
    const echo = await fetch(`http://127.0.0.1:${port}/echo`, { method: "POST", body });
    assert.equal(await echo.text(), body);
    assert.equal(await interrupt(child), 130);
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
  },

  async "who has said all hears the answer to its end"() {
    const { child, port } = await published();
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.end("GET / HTTP/1.1\r\n\r\n");
    assert.match(String(await all(socket)), /\r\n\r\nhello\n$/);
    await interrupt(child);
  },

  async "a slow reader slows the guest down"() {
    const { child, port } = await published();
    const socket = connect({ port, host: "127.0.0.1" });
    socket.write("GET /much HTTP/1.1\r\n\r\n");
    socket.pause();
    await sleep(500);
    const before = memoryOf(child.pid);
    await sleep(500);
    assert.ok(memoryOf(child.pid) - before < 16 << 20, "it keeps what nobody reads");
    const bytes = await all(socket);
    const body = bytes.subarray(bytes.indexOf("\r\n\r\n") + 4);
    assert.equal(body.length, MUCH);
    assert.ok(isMuch(body.subarray(0, 100_000), 0) && isMuch(body.subarray(40_000_000, 40_100_000), 40_000_000));
    await interrupt(child);
  },

  async "a client that breaks off breaks off the guest's connection only"() {
    const { child, port } = await published();
    for (let i = 0; i < 3; i++) {
      const socket = connect({ port, host: "127.0.0.1" });
      socket.write("GET /much HTTP/1.1\r\n\r\n");
      await once(socket, "data");
      socket.resetAndDestroy();
    }
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    assert.equal(await answer.text(), "hello\n");
    await interrupt(child);
  },

  async "nobody listens yet: the connection is broken off"() {
    const child = spawn(process.execPath, [
      cliPath,
      "run",
      "-p",
      "0:80",
      "debian:busybox-static/busybox",
      "sleep",
      "60",
    ]);
    const [told] = await once(child.stderr, "data");
    const port = Number(/:(\d+) leads to port 80/.exec(String(told))?.[1]);
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
    await interrupt(child);
  },

  async "a server that waits takes no processor time"() {
    const { child, port } = await published();
    await (await fetch(`http://127.0.0.1:${port}/`)).text();
    await sleep(300);
    const before = ticksOf(child.pid);
    await sleep(1500);
    assert.ok(ticksOf(child.pid) - before <= 3, `${ticksOf(child.pid) - before} ticks in 1.5 s`);
    await interrupt(child);
  },

  async "what cannot be published is refused"() {
    const taken = createServer();
    await new Promise((listening) => taken.listen(0, "127.0.0.1", () => listening(undefined)));
    const address = taken.address();
    assert.ok(typeof address === "object" && address !== null);
    const inUse = refused("-p", `${address.port}:80`);
    taken.close();
    assert.deepEqual(inUse, {
      status: 125,
      stderr: `drupe: port ${address.port} of 127.0.0.1 is in use\n  Publish another one, or 0 for any that is free.\n`,
    });
    assert.match(refused("-p", "203.0.113.1:0:80").stderr, /203\.0\.113\.1 is no address of this machine/);
    for (const wrong of ["80:http", "80:0", "70000:80", "80:80/udp"]) {
      const { status, stderr } = refused("-p", wrong);
      assert.notEqual(status, 0);
      assert.match(stderr, /-p, --publish/);
    }
  },

  async "fetch() from JavaScript"() {
    const made = await machine();
    const text = async (/** @type {string} */ url) => (await made.fetch(url)).text();
    assert.equal(await text("http://localhost/"), "hello\n");
    assert.equal(await text("/chunked"), "first and a second");
    assert.equal(await text("/until-end"), "all that comes");
    const head = await made.fetch("http://machine:80/head", { headers: { "X-Seed": "stone" } });
    assert.equal(head.headers.get("x-lines"), "a b, c");
    assert.equal(
      await head.text(),
      "GET /head HTTP/1.1\r\nHost: machine\r\nx-seed: stone\r\nAccept: */*\r\nConnection: close\r\n",
    );
    assert.match(await text("/elsewhere"), /^GET \/head /);
    assert.equal((await made.fetch("/elsewhere", { redirect: "manual" })).status, 302);
    assert.equal((await made.fetch("/nothing")).status, 204);
    assert.equal((await made.fetch("/", { method: "HEAD" })).headers.get("content-length"), "6");
    assert.equal((await made.fetch("/none")).status, 404);
    const body = new URLSearchParams({ a: "b c" });
    assert.equal(await (await made.fetch("/echo", { method: "POST", body })).text(), "a=b+c");
    await made.stop();
  },

  async "fetch() fails as on the web"() {
    const made = await machine();
    await assert.rejects(made.fetch("http://localhost:81/"), { name: "TypeError", message: /listens at port 81/ });
    await assert.rejects(made.fetch("https://localhost/"), TypeError);
    await assert.rejects(made.fetch("/around"), TypeError);
    await assert.rejects(made.fetch("/noise"), /no HTTP/);
    await assert.rejects((await made.fetch("/short")).text(), /before its time/);
    await assert.rejects(made.fetch("/silence", { signal: AbortSignal.timeout(100) }), { name: "TimeoutError" });
    await made.stop();
    await assert.rejects(made.fetch("/"), TypeError);
  },

  async "connections as streams, each way at its own pace"() {
    const made = await machine();
    const { readable, writable } = await made.connect(80);
    const writer = writable.getWriter();
    await writer.write(new TextEncoder().encode("GET /much HTTP/1.1\r\n\r\n"));
    await writer.close();
    await sleep(300);
    let length = 0;
    for await (const chunk of readable) length += chunk.length;
    assert.ok(length > MUCH && length < MUCH + 1000, `${length}`);
    const other = await made.connect(80);
    await made.stop();
    await assert.rejects(other.readable.getReader().read());
  },

  async "redis: a server and its client in one machine"() {
    const made = await boot({ root: "debian:redis-server,redis-tools" });
    await made.spawn("redis-server", ["--save", "", "--logfile", "/tmp/log"]);
    const { readable, writable } = await whenListening(made, 6379);
    const writer = writable.getWriter();
    await writer.write(new TextEncoder().encode("PING\r\n"));
    const { value } = await readable.getReader().read();
    assert.equal(new TextDecoder().decode(value), "+PONG\r\n");
    for (const command of ["set fruit plum", "rpush stones 1 2 3", "get fruit", "lrange stones 0 -1", "shutdown"]) {
      await (await made.spawn("redis-cli", command.split(" "))).exited;
    }
    await made.stop();
    assert.equal(await textOf(made.stdout), "OK\n3\nplum\n1\n2\n3\n");
  },

  async "nginx with two workers, at a published port"() {
    const conf = `daemon off; worker_processes 2; error_log stderr warn; events { worker_connections 64; }
http { access_log off; server { listen 80; root /www; location /down { return 204; } } }`;
    const much = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * i) >>> 7));
    const made = await boot({
      root: "debian:nginx",
      files: { "/nginx.conf": Buffer.from(conf), "/www/index.html": Buffer.from("<p>plum</p>\n"), "/www/much": much },
      ports: [{ host: 0, guest: 80 }],
    });
    await made.spawn("nginx", ["-c", "/nginx.conf"]);
    (await whenListening(made, 80)).close();
    const at = `http://127.0.0.1:${made.ports[0]?.host}`;
    const index = await fetch(`${at}/`);
    assert.match(index.headers.get("server") ?? "", /^nginx/);
    assert.equal(await index.text(), "<p>plum</p>\n");
    assert.ok(Buffer.from(await (await fetch(`${at}/much`)).arrayBuffer()).equals(much));
    assert.equal((await fetch(`${at}/down`)).status, 204);
    await made.stop();
    assert.equal(await textOf(made.stderr), "");
  },

  async "Python's web server and client, in one process"() {
    const script = readFileSync(join(import.meta.dirname, "web.py"));
    const made = await boot({ root: "debian:python3", files: { "/tmp/www/web.py": script } });
    const python = await made.spawn("python3", ["web.py"], { cwd: "/tmp/www" });
    await python.exited;
    await made.stop();
    assert.equal(await textOf(made.stderr), "");
    assert.deepEqual((await textOf(made.stdout)).split("\n"), [
      "200 text/html b'<p>plum</p>'",
      "200 250000 True",
      "HTTP Error 404: File not found",
      "[Errno 101] Network is unreachable",
      "[(1, 'lo')]",
      "",
    ]);
  },

  async "netcat, by TCP and by UDP"() {
    const script = `
      nc -l 127.0.0.1 5000 & sleep 0.5; echo by tcp | nc -N localhost 5000; wait
      nc -u -l 127.0.0.1 5001 & sleep 0.5; echo by udp | nc -u -q 1 127.0.0.1 5001; kill $!
      nc -z 127.0.0.1 5002; echo status $?`;
    const made = await boot({ root: "debian:netcat-openbsd,dash,coreutils" });
    await (await made.spawn("dash", ["-c", script])).exited;
    await made.stop();
    assert.equal(await textOf(made.stdout), "by tcp\nby udp\nstatus 1\n");
  },

  async "ports that an image says, and others where it is run"() {
    const folder = join(root, ".cache/network-image");
    const config = ".cache/network.yaml";
    writeFileSync(join(root, config), `root: ${server}\nprofile: false\nports: ["0:80"]\n`);
    const built = spawnSync(process.execPath, [cliPath, "build", "-f", config, "-o", folder], {
      encoding: "utf8",
      cwd: root,
    });
    assert.equal(built.status, 0, built.stderr);
    for (const ports of [undefined, "127.0.0.1::80"]) {
      const env = { ...process.env, ...(ports === undefined ? {} : { DRUPE_PUBLISH: ports }) };
      const child = spawn(process.execPath, [join(folder, "image.mjs")], { env, stdio: ["ignore", "ignore", "pipe"] });
      const [told] = await once(child.stderr, "data");
      const at = `http://127.0.0.1:${/:(\d+) leads to port 80/.exec(String(told))?.[1]}/`;
      assert.equal(await textAt(at), "hello\n");
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  },

  async "ports of images"() {
    const image = join(root, ".cache/network.drupe");
    const built = spawnSync(process.execPath, [cliPath, "build", "--no-profile", "-o", image, server], {
      encoding: "utf8",
    });
    assert.equal(built.status, 0, built.stderr);
    const { child, port } = await published(["-p", "0:80"], image);
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "hello\n");
    await interrupt(child);
    const without = join(root, ".cache/no-network.drupe");
    assert.equal(spawnSync(process.execPath, [cliPath, "build", "-o", without, join(root, "share/hello")]).status, 0);
    const { status, stderr } = spawnSync(process.execPath, [cliPath, "run", "-p", "0:80", without], {
      encoding: "utf8",
    });
    assert.equal(status, 125);
    assert.match(stderr, /no network to publish ports of/);
  },
};

/** Bytes that a process has in memory. */
function memoryOf(/** @type {number | undefined} */ pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

/** Hundredths of a second that a process has run. */
function ticksOf(/** @type {number | undefined} */ pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

const names = process.argv.slice(2);
const tally = { passed: 0, failed: 0 };
for (const [name, test] of Object.entries(tests)) {
  if (names.length > 0 && !names.some((part) => name.includes(part))) continue;
  const start = performance.now();
  try {
    await test();
    tally.passed++;
    console.log(`ok   ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    tally.failed++;
    console.log(`FAIL ${name}\n${error instanceof Error ? error.stack : error}`);
  }
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;
