/** The volumes of an image in a page: files of its site. */
import { utf8Encode } from "../../base/bytes.ts";
import { openVolume } from "../../host/browser/volumes.ts";
import type { HostVolume } from "../../kernel/host.ts";
import { closeVolumes, type OpenVolume, VolumeRefusal } from "../../kernel/open-volume.ts";
import { readVolume, type Volume } from "../volumes.ts";

/** Volumes that were opened for the guest of this worker. */
export interface GrantedVolumes {
  readonly granted: readonly HostVolume[];
  /** Gives them back, when the machine is over; answers what could not be kept. */
  close(): string | undefined;
}

/** Opens what an image asks for, or its page; folders of a host there are none. Rejects if one cannot be had; then none is. */
export async function openVolumes(wanted: readonly (Volume | string)[]): Promise<GrantedVolumes> {
  const volumes: OpenVolume[] = [];
  for (const { source: name, destination, readOnly, named } of wanted.map(readHere)) {
    if (!named) continue;
    const volume = await openVolume({ name, mountPoint: utf8Encode(destination), readOnly });
    if (volume instanceof VolumeRefusal) {
      closeVolumes(volumes);
      throw new Error(`${volume.message}\n  ${volume.cure}`);
    }
    volumes.push(volume);
  }
  return { granted: volumes, close: () => closeVolumes(volumes) };
}

/** A page has no folders: those that an image has in Node it does without. */
function readHere(given: Volume | string): Volume {
  const volume = readVolume(given);
  if (typeof given === "string" && !volume.named)
    throw new Error(`${given}: a page has volumes by name, and no folders`);
  return volume;
}
