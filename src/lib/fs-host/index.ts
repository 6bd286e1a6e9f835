import { defineLibrary } from "../../kernel/library.ts";
import { anonymousDevice, bootMounts, vfs } from "../vfs/index.ts";
import { HostFileSystem } from "./host-file-system.ts";

export const fsHost = defineLibrary({
  name: "fs-host",
  summary: "folders of the host, where they were granted by name",
  needs: [vfs],
  extends: [
    bootMounts.with((kernel) =>
      (kernel.host.files ?? []).map((folder) => ({
        target: folder.mountPoint,
        make: () => new HostFileSystem(folder, anonymousDevice(kernel)),
      })),
    ),
  ],
});
