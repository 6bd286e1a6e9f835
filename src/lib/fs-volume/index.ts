import { onProcessDead, onProcessStart } from "../../kernel/hooks.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { LoadError } from "../../kernel/loader/load-error.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import { fsRam } from "../fs-ram/index.ts";
import { type BootMount, bootMounts, vfs } from "../vfs/index.ts";
import { VolumeFileSystem } from "./volume-file-system.ts";

/** The volumes of a machine, or why one cannot be used. */
const volumes = perKernel((kernel) =>
  (kernel.host.volumes ?? []).map((volume) => VolumeFileSystem.open(kernel, volume)),
);

const mountOf = (fs: VolumeFileSystem): BootMount => ({
  target: fs.volume.mountPoint,
  make(_kernel, over) {
    fs.begin(over);
    return fs;
  },
});

export const fsVolume = defineLibrary({
  name: "fs-volume",
  summary: "files that are there again in a later run, where a volume was granted by name",
  needs: [vfs, fsRam],
  extends: [
    bootMounts.with((kernel) => kernel.get(volumes).flatMap((fs) => (fs instanceof LoadError ? [] : mountOf(fs)))),
    // Called behind that of vfs, which mounts them.
    onProcessStart.with(({ kernel }) => {
      const refusals = kernel.get(volumes).map((fs) => (fs instanceof LoadError ? fs : fs.refusal));
      return refusals.find((refusal) => refusal !== undefined);
    }),
    // When nothing runs any more, nothing is written down by and by either.
    onProcessDead.with(({ kernel }) => {
      if (!kernel.busy) for (const fs of kernel.get(volumes)) if (fs instanceof VolumeFileSystem) fs.keep();
      return false;
    }),
  ],
});
