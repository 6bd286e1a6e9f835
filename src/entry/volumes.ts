/** What a guest is granted of its host's files, in Docker's notation. */
import { isVolumeName } from "../kernel/open-volume.ts";

export interface Volume {
  /** A folder of the host; or the name of a volume, which Drupe keeps. */
  readonly source: string;
  /** Where the guest has it. */
  readonly destination: string;
  readonly readOnly: boolean;
  readonly named?: boolean;
}

/** Parses `SOURCE:DESTINATION[:ro|:rw]`: a source without a slash is a name. Answers a sentence if it is none. */
export function parseVolume(text: string): Volume | string {
  const match = /^(.+?):([^:]*)(?::([^:]*))?$/.exec(text);
  if (match === null) return SHAPE;
  const [, source = "", destination = "", mode = "rw"] = match;
  if (mode !== "ro" && mode !== "rw") return SHAPE;
  return checkVolume({ source, destination, readOnly: mode === "ro" });
}

/** A volume that may be written as {@link parseVolume} takes it. Throws if it is none. */
export function readVolume(given: Volume | string): Volume {
  const volume = typeof given === "string" ? parseVolume(given) : given;
  if (typeof volume === "string") throw new Error(`${String(given)}: ${volume}`);
  return volume;
}

/** Checks a source and a destination. @param isFolder - whether the source is a folder whatever it looks like. */
export function checkVolume(volume: Omit<Volume, "named">, isFolder = false): Volume | string {
  const { source, destination } = volume;
  if (!destination.startsWith("/")) return SHAPE;
  if (/\/\.{1,2}(\/|$)/.test(destination) || /^\/+$/.test(destination))
    return "Name a folder below the guest's root, without . and ..";
  if (isFolder || /[/\\]|^\.{1,2}$/.test(source)) return volume;
  return isVolumeName(source)
    ? { ...volume, named: true }
    : `A folder is ./${source}; the name of a volume has letters, digits, and _ . - behind the first.`;
}

const SHAPE =
  "A volume is FOLDER:GUEST or NAME:GUEST, with :ro behind it if it is only to be read; GUEST is an absolute path.";
