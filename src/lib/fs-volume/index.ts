import type { ByteString } from "../../base/bytes.ts";
import { onProcessStart } from "../../kernel/hooks.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { LoadError } from "../../kernel/loader/load-error.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import { fsRam } from "../fs-ram/index.ts";
import { bootMounts, vfs } from "../vfs/index.ts";
import { VolumeFileSystem } from "./volume-file-system.ts";

/** The volumes of a machine, or why one cannot be used. */
const volumes = perKernel((kernel) =>
  (kernel.host.volumes ?? []).map((volume) => VolumeFileSystem.open(kernel, volume)),
);

export const fsVolume = defineLibrary({
  name: "fs-volume",
  summary: "files that are there again in a later run, where a volume was granted by name",
  needs: [vfs, fsRam],
  extends: [
    bootMounts.with((kernel) =>
      kernel
        .get(volumes)
        .filter((fs) => fs instanceof VolumeFileSystem)
        .map((fs) => ({ target: fs.volume.mountPoint as ByteString, make: () => fs })),
    ),
    onProcessStart.with(({ kernel }) => kernel.get(volumes).find((fs) => fs instanceof LoadError)),
  ],
});
