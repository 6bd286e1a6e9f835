/** Finds and reads the configuration of an image: drupe.yaml, or a Kraftfile as Unikraft's users have it. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { BuildError } from "../build-error.ts";
import { parseYaml } from "./parse-yaml.ts";
import { type DrupeConfig, drupeSchema, type Kraftfile, kraftSchema } from "./schema.ts";

/** Names that are looked for, the first one found is taken. */
const NAMES = ["drupe.yaml", "drupe.yml", "Kraftfile", "kraft.yaml"];

export interface LoadedConfig {
  readonly file: string;
  readonly config: DrupeConfig;
  /** Settings of a Kraftfile that say nothing about an image of Drupe's. */
  readonly unused: readonly string[];
}

/** Reads a configuration file, or the one in a folder; undefined if the folder has none. */
export function loadConfig(folder: string, file?: string): LoadedConfig | BuildError | undefined {
  const name = file ?? NAMES.find((each) => existsSync(join(folder, each)));
  if (name === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(resolve(folder, name), "utf8");
  } catch (thrown) {
    return new BuildError(
      `${name} cannot be read: ${(thrown as Error).message}`,
      "Name the configuration with -f FILE.",
    );
  }
  return /kraft/i.test(basename(name)) ? fromKraftfile(name, text) : fromDrupe(name, text);
}

function fromDrupe(file: string, text: string): LoadedConfig | BuildError {
  const config = parseYaml(file, text, drupeSchema);
  return config instanceof BuildError ? config : { file, config, unused: [] };
}

const USED: ReadonlySet<string> = new Set(Object.keys(kraftSchema.entries));

function fromKraftfile(file: string, text: string): LoadedConfig | BuildError {
  const kraft = parseYaml(file, text, kraftSchema);
  if (kraft instanceof BuildError) return kraft;
  const root = rootOf(file, kraft);
  if (root instanceof BuildError) return root;
  const { name, cmd, env, volumes, labels } = kraft;
  const config: DrupeConfig = {
    root,
    ...(name === undefined ? {} : { name }),
    ...(cmd === undefined ? {} : { cmd }),
    ...(env === undefined ? {} : { env }),
    ...(volumes === undefined ? {} : { volumes }),
    ...(labels === undefined ? {} : { labels }),
  };
  return { file, config, unused: Object.keys(kraft).filter((key) => !USED.has(key)) };
}

function rootOf(file: string, { rootfs }: Kraftfile): string | BuildError {
  const source = typeof rootfs === "string" ? rootfs : rootfs?.source;
  if (source === undefined) {
    return new BuildError(
      `${file}: rootfs is missing`,
      "Add rootfs: with a directory or a tar archive of riscv64 files.",
    );
  }
  if (!/(^|\/)Dockerfile/.test(source)) return source;
  return new BuildError(
    `${file}: rootfs is a Dockerfile, which Drupe does not build`,
    "Build it for linux/riscv64, write its files out (docker export CONTAINER > root.tar), and set rootfs: root.tar.",
  );
}
