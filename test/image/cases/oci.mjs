import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { canInstall, installPackages } from "../../../scripts/debian.mjs";
import { drupe, execute, hello, scratch } from "../lib/drupe.mjs";
import { test } from "../lib/suite.mjs";

const build = (place, ...more) =>
  drupe("build", hello(), "--runtime", "none", "--libraries", "recorded", "--format", "oci", "-o", place, ...more);

const json = (place, digest) => JSON.parse(readFileSync(join(scratch, place, "blobs", ...digest.split(":")), "utf8"));

/** The only manifest of a layout, and its configuration. */
function open(place) {
  const [{ digest }] = JSON.parse(readFileSync(join(scratch, place, "index.json"), "utf8")).manifests;
  const manifest = json(place, digest);
  return { manifest, config: json(place, manifest.config.digest) };
}

test("oci: a layout, the same each time", () => {
  for (const name of ["one", "two"]) build(`${name}.oci`, "--name", "hello");
  assert.deepEqual(open("one.oci"), open("two.oci"));
  const { config } = open("one.oci");
  assert.deepEqual(config.config.Entrypoint, ["node", "/drupe/image.mjs"]);
});

test("oci: laid over a base", () => {
  build("over.oci", "--base", "one.oci");
  const { manifest, config } = open("over.oci");
  assert.equal(manifest.layers.length, 2);
  assert.equal(config.rootfs.diff_ids.length, 2);
});

test("oci: skopeo copies it to a registry and back, and what comes back runs", async () => {
  if (!existsSync("/usr/bin/skopeo") || !existsSync("/usr/bin/docker-registry")) {
    assert.ok(canInstall(), "skopeo and docker-registry are missing: apt-get install skopeo docker-registry");
    installPackages(["skopeo", "docker-registry"]);
  }
  const port = await freePort();
  const storage = join(scratch, "registry");
  const settings = join(scratch, "registry.yml");
  writeFileSync(
    settings,
    `version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: ${storage}\nhttp:\n  addr: 127.0.0.1:${port}\n`,
  );
  const registry = spawn("/usr/bin/docker-registry", ["serve", settings], { stdio: "ignore" });
  try {
    await ready(port);
    skopeo("copy", "--dest-tls-verify=false", "oci:one.oci", `docker://127.0.0.1:${port}/hello:latest`);
    skopeo("copy", "--src-tls-verify=false", `docker://127.0.0.1:${port}/hello:latest`, "oci:back.oci:hello");
  } finally {
    registry.kill();
  }
  const { manifest } = open("back.oci");
  const layer = join(scratch, "back.oci/blobs", ...manifest.layers[0].digest.split(":"));
  execute("sh", ["-c", `mkdir -p unpacked && tar -xzf ${layer} -C unpacked`]);
  assert.equal(execute(process.execPath, ["unpacked/drupe/image.mjs"]).stdout, "Hello from a unikernel.\n");
});

function skopeo(...args) {
  const { status, stderr } = execute("skopeo", ["--insecure-policy", ...args]);
  assert.equal(status, 0, stderr);
}

/** A port of loopback that nobody listens on. */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function ready(port) {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}/v2/`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error("the registry does not answer");
}
