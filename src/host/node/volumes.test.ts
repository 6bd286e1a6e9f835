import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ByteString } from "../../base/bytes.ts";
import { HostError } from "../../kernel/host.ts";
import { OpenVolume, VolumeRefusal } from "../../kernel/open-volume.ts";
import { openVolumes } from "./granted-volumes.ts";
import { openVolume, volumeFolder } from "./volumes.ts";

const wanted = (name: string) => ({ name, mountPoint: "/data" as ByteString, readOnly: false });

function inFolder(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "drupe-volumes-"));
  try {
    use(join(folder, "made"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function opened(folder: string, name: string): OpenVolume {
  const volume = openVolume(folder, wanted(name));
  assert.ok(volume instanceof OpenVolume, JSON.stringify(volume));
  return volume;
}

test("a volume's bytes are there again when it is opened again", () =>
  inFolder((folder) => {
    const first = opened(folder, "v");
    assert.equal(first.store.size, 0);
    assert.equal(first.store.write(Uint8Array.of(1, 2, 3), 5), undefined);
    assert.equal(first.store.flush(), undefined);
    first.close();
    const { store } = opened(folder, "v");
    assert.equal(store.size, 8);
    const bytes = new Uint8Array(6);
    assert.equal(store.read(bytes, 4), 4);
    assert.deepEqual([...bytes], [0, 1, 2, 3, 0, 0]);
    assert.equal(store.truncate(6), undefined);
    assert.equal(store.read(bytes, 6), 0);
  }));

test("a volume is one machine's until that gives it back", () =>
  inFolder((folder) => {
    const first = opened(folder, "v");
    const second = openVolume(folder, wanted("v"));
    assert.ok(second instanceof VolumeRefusal);
    assert.match(second.message, /another machine has the volume v/);
    opened(folder, "w").close();
    first.close();
    opened(folder, "v").close();
  }));

test("a name leads nowhere else", () =>
  inFolder((folder) => {
    for (const name of ["..", "../v", "a/b", "", ".hidden", "-v", "a\0b"])
      assert.ok(openVolume(folder, wanted(name)) instanceof VolumeRefusal, name);
  }));

test("if one of several cannot be had, none is kept", () =>
  inFolder((folder) => {
    const named = { source: "v", destination: "/v", readOnly: false, named: true };
    const absent = { source: join(folder, "absent"), destination: "/a", readOnly: false };
    const refusal = openVolumes([named, absent], folder);
    assert.ok(refusal instanceof VolumeRefusal);
    assert.match(refusal.message, /absent is not a directory/);
    opened(folder, "v").close();
  }));

test("a folder that cannot be made is told", () =>
  inFolder((folder) => {
    writeFileSync(folder, "a file");
    const refusal = openVolume(folder, wanted("v"));
    assert.ok(refusal instanceof VolumeRefusal);
    assert.match(refusal.message, /cannot be opened: E/);
  }));

test("a store that was closed refuses, and throws nothing", () =>
  inFolder((folder) => {
    const volume = opened(folder, "v");
    volume.close();
    assert.ok(volume.store.flush() instanceof HostError);
  }));

test("volumes are below the user's data, or where the environment says", () => {
  assert.equal(volumeFolder({}, "/home/u"), "/home/u/.local/share/drupe/volumes");
  assert.equal(volumeFolder({ XDG_DATA_HOME: "/x" }, "/home/u"), "/x/drupe/volumes");
  assert.equal(volumeFolder({ XDG_DATA_HOME: "relative" }, "/home/u"), "/home/u/.local/share/drupe/volumes");
  assert.equal(volumeFolder({ XDG_DATA_HOME: "/x", DRUPE_VOLUMES: "/v" }, "/home/u"), "/v");
});
