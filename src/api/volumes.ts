import { homedir } from "node:os";
import { type GrantedVolumes, openVolumes as open, volumeFolder, type WantedVolume } from "../host/node/index.ts";
import { VolumeRefusal } from "../kernel/open-volume.ts";
import { DrupeError } from "./error.ts";
import type { VolumeOption } from "./options.ts";

/**
 * Opens folders and volumes.
 *
 * @throws {DrupeError} if one cannot be had; then none is.
 */
export function openVolumes(wanted: readonly VolumeOption[] = []): GrantedVolumes {
  const opened = open(wanted.map(wantedVolume), volumeFolder(process.env, homedir()));
  if (opened instanceof VolumeRefusal) throw new DrupeError(opened.message, opened.cure);
  return opened;
}

function wantedVolume({ guest: destination, readOnly = false, ...source }: VolumeOption): WantedVolume {
  return "name" in source
    ? { source: source.name, destination, readOnly, named: true }
    : { source: source.host, destination, readOnly };
}
