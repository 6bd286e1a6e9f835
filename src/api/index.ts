/** Drupe's public interface. */

export type { PublishedPort } from "../host/node/index.ts";
export { ImageError, openRoot, type RootOptions, type RootTree } from "../image/index.ts";
export type { Connection } from "../network/index.ts";
export { boot } from "./boot.ts";
export { DrupeError } from "./error.ts";
export type { GuestProcess, Machine, MachineStats } from "./machine.ts";
export {
  type BootOptions,
  type ExitStatus,
  type LimitOptions,
  type PortOption,
  type SpawnOptions,
  shellStatus,
  type VolumeOption,
} from "./options.ts";
