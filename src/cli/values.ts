/** The values of options, in the notations that Docker's users know. */
import { InvalidArgumentError } from "commander";
import type { VolumeOption } from "../api/index.ts";
import { type Port, parsePort } from "../entry/ports.ts";
import { parseVolume, type Volume } from "../entry/volumes.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** Parses a size such as `512m`; bytes. */
export function parseSize(text: string): number {
  const match = /^(\d+)([bkmg]?)b?$/i.exec(text);
  if (match === null) throw new InvalidArgumentError("A size is a number with b, k, m or g behind it, such as 512m.");
  return Number(match[1]) * UNITS[match[2]!.toLowerCase()]!;
}

export function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("It takes a whole number from 1 up.");
  return value;
}

export function parseSeconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("It takes a number of seconds above 0.");
  return value;
}

/** Parses `FOLDER:GUEST[:ro|:rw]` or `NAME:GUEST[:ro|:rw]` and appends it to those before. */
export function collectVolume(text: string, before: readonly Volume[]): readonly Volume[] {
  const volume = parseVolume(text);
  if (typeof volume === "string") throw new InvalidArgumentError(volume);
  if (before.some(({ destination }) => destination === volume.destination))
    throw new InvalidArgumentError(`There are two volumes at ${volume.destination}.`);
  return [...before, volume];
}

/** A volume in the terms of the public interface. */
export function volumeOption({ source, destination: guest, readOnly, named }: Volume): VolumeOption {
  return named ? { name: source, guest, readOnly } : { host: source, guest, readOnly };
}

/** Parses `[[ADDRESS:]HOST:]GUEST[/tcp]` and appends it to those before. */
export function collectPort(text: string, before: readonly Port[]): readonly Port[] {
  const port = parsePort(text);
  if (typeof port === "string") throw new InvalidArgumentError(port);
  return [...before, port];
}

/** Parses `NAME=VALUE`, or `NAME` for this process's own value, and appends it to those before. */
export function collectVariable(text: string, before: readonly string[]): readonly string[] {
  if (text.startsWith("=") || text === "")
    throw new InvalidArgumentError("A variable is NAME=VALUE, or NAME to pass one on.");
  if (text.includes("=")) return [...before, text];
  const value = process.env[text];
  return value === undefined ? before : [...before, `${text}=${value}`];
}

/** Parses an exit status. */
export function parseStatus(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 255) throw new InvalidArgumentError("It takes 0 to 255.");
  return value;
}
