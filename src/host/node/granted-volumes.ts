import { utf8Encode } from "../../base/bytes.ts";
import type { Host, HostFolder } from "../../kernel/host.ts";
import { closeVolumes, type OpenVolume, VolumeRefusal } from "../../kernel/open-volume.ts";
import { openHostFolder } from "./files.ts";
import { openVolume } from "./volumes.ts";

/** What a guest is to have of this machine's files. */
export interface WantedVolume {
  /** A folder, or the name of a volume. */
  readonly source: string;
  readonly destination: string;
  readonly readOnly: boolean;
  readonly named?: boolean;
}

/** Folders and volumes that were opened for one guest. */
export interface GrantedVolumes {
  readonly granted: Pick<Host, "files" | "volumes">;
  /** Gives them back, when the machine is over; answers what could not be kept. */
  close(): string | undefined;
}

/** Opens folders, and volumes that are kept in `folder`: all of them or none. */
export function openVolumes(wanted: readonly WantedVolume[], folder: string): GrantedVolumes | VolumeRefusal {
  const files: HostFolder[] = [];
  const volumes: OpenVolume[] = [];
  for (const { source, destination, readOnly, named } of wanted) {
    const mountPoint = utf8Encode(destination);
    if (named) {
      const volume = openVolume(folder, { name: source, mountPoint, readOnly });
      if (volume instanceof VolumeRefusal) {
        closeVolumes(volumes);
        return volume;
      }
      volumes.push(volume);
    } else {
      const opened = openHostFolder(source, mountPoint, readOnly);
      if (opened === undefined) {
        closeVolumes(volumes);
        return new VolumeRefusal(
          `the volume ${source} is not a directory that can be opened`,
          "Grant an existing one: FOLDER:GUEST[:ro].",
        );
      }
      files.push(opened);
    }
  }
  return { granted: { files, volumes }, close: () => closeVolumes(volumes) };
}
