import { makeDevice, S } from "../../abi/stat.ts";
import type { ByteString } from "../../base/bytes.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { defineLibrary, ExtensionPoint } from "../../kernel/library.ts";
import { fsRam, RamFileSystem } from "../fs-ram/index.ts";
import { bootMount, specialFile, vfs } from "../vfs/index.ts";
import { memoryDrivers, memoryNodes } from "./memory-devices.ts";

/** A character device that stands in /dev. Who opens it is `specialFile`'s affair. */
export interface DeviceNode {
  /** Its path below /dev. */
  readonly name: string;
  readonly major: number;
  readonly minor: number;
  readonly mode: number;
}

/** Devices that libraries put into /dev beside those of memory. */
export const deviceNode = new ExtensionPoint<DeviceNode>("deviceNode");

const LINKS: readonly (readonly [name: string, target: string])[] = [
  ["fd", "/proc/self/fd"],
  ["stdin", "/proc/self/fd/0"],
  ["stdout", "/proc/self/fd/1"],
  ["stderr", "/proc/self/fd/2"],
];

const OWNER = { uid: 0, gid: 0 } as const;

function makeDevices(kernel: Kernel): RamFileSystem {
  const fs = new RamFileSystem(kernel, { type: "devtmpfs" });
  for (const { name, major, minor, mode } of [...memoryNodes, ...kernel.extensions(deviceNode)]) {
    const slash = name.lastIndexOf("/");
    const parent = slash < 0 ? fs.root : fs.root.directory(name.slice(0, slash) as ByteString);
    const rdev = makeDevice(major, minor);
    parent.make(name.slice(slash + 1) as ByteString, { mode: S.IFCHR | mode, rdev, ...OWNER });
  }
  for (const [name, target] of LINKS) {
    fs.root.make(name as ByteString, { mode: S.IFLNK | S.RWX, target: target as ByteString, ...OWNER });
  }
  return fs;
}

export const fsDev = defineLibrary({
  name: "fs-dev",
  summary: "/dev: null, zero, full, random, the standard streams, and shared memory",
  needs: [vfs, fsRam],
  extends: [
    bootMount.with({ target: "/dev" as ByteString, make: makeDevices }),
    bootMount.with({
      target: "/dev/shm" as ByteString,
      make: (kernel) => new RamFileSystem(kernel, { mode: S.ISVTX | S.RWX }),
    }),
    ...memoryDrivers.map((driver) => specialFile.with(driver)),
  ],
});
