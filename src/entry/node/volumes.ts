/** The volumes of an image in Node: whoever runs its script lets it have them. */
import { homedir } from "node:os";
import { type GrantedVolumes, openVolumes as open, volumeFolder } from "../../host/node/index.ts";
import { VolumeRefusal } from "../../kernel/open-volume.ts";
import { readVolume, type Volume } from "../volumes.ts";

/** Opens what an image asks for, or who boots it. Throws if something cannot be had. */
export function openVolumes(wanted: readonly (Volume | string)[]): GrantedVolumes {
  const opened = open(wanted.map(readVolume), volumeFolder(process.env, homedir()));
  if (opened instanceof VolumeRefusal) throw new Error(`${opened.message}\n  ${opened.cure}`);
  return opened;
}
