/** Flags that say what an image is made of: they go over what the configuration says. */
import { fileURLToPath } from "node:url";
import { type Command, Option } from "commander";
import { DrupeError } from "../api/error.ts";
import type { DrupeConfig } from "../build/index.ts";
import type { Volume } from "../entry/volumes.ts";
import { builder, orThrow } from "./builder.ts";
import { collectVariable, collectVolume } from "./values.ts";

export interface ImageFlags {
  readonly file?: string;
  readonly name?: string;
  readonly libraries?: string;
  readonly runtime?: "full" | "interpret" | "none";
  readonly ahead?: "all" | "startup" | "none";
  readonly start?: "whole" | "recorded";
  readonly files?: "all" | "needed";
  readonly compress?: "none" | "fast" | "best";
  readonly profile: boolean;
  readonly strace: boolean;
  readonly env: readonly string[];
  readonly volume: readonly Volume[];
  readonly mirror?: string;
  readonly lock?: string;
  readonly quiet: boolean;
}

export function addImageFlags(command: Command): Command {
  const choice = (flag: string, what: string, ...values: string[]): Option => new Option(flag, what).choices(values);
  return command
    .option("-f, --file <file>", "configuration (default: drupe.yaml or Kraftfile here)")
    .option("--name <name>", "what the image is called")
    .option("--libraries <list>", "auto, recorded, a preset, or library,library,…")
    .addOption(choice("--runtime <kind>", "what runs code that was not translated", "full", "interpret", "none"))
    .addOption(choice("--ahead <scope>", "what is translated when the image is built", "all", "startup", "none"))
    .addOption(
      choice("--start <how>", "from the program's beginning, or from a recorded run's state", "whole", "recorded"),
    )
    .addOption(choice("--files <which>", "all of the root, or what the program was seen to read", "all", "needed"))
    .addOption(choice("--compress <how>", "how hard bytes are packed", "none", "fast", "best"))
    .option("-e, --env <name[=value]>", "set a variable", collectVariable, [] as readonly string[])
    .option(
      "-v, --volume <source:guest[:ro]>",
      "where the image is run, have a folder there, or a volume by its name, which is there again in the next run",
      collectVolume,
      [] as readonly Volume[],
    )
    .option("--no-profile", "do not run the program while the image is built")
    .option("--strace", "the image can print system calls (DRUPE_STRACE=1)", false)
    .option("--mirror <url>", "Debian mirror")
    .option("--lock <file>", "take exactly the packages recorded in this file (default: $DRUPE_LOCK)")
    .option("-q, --quiet", "no progress bar", false);
}

/** The program that ships with Drupe. */
const HELLO = "drupe:hello";

/** The configuration that a root, arguments and flags amount to, with a configuration file below them. */
export async function configFrom(
  root: string | undefined,
  args: readonly string[],
  flags: ImageFlags,
): Promise<DrupeConfig> {
  const { loadConfig } = await builder();
  const loaded = root === undefined || flags.file !== undefined ? loadConfig(process.cwd(), flags.file) : undefined;
  if (loaded === undefined && root === undefined) {
    throw new DrupeError(
      "there is nothing to build: no drupe.yaml or Kraftfile here",
      "Name a program, a root or debian:PACKAGE, or write a drupe.yaml.",
    );
  }
  const from = loaded === undefined ? undefined : orThrow(loaded);
  if (from !== undefined && from.unused.length > 0)
    process.stderr.write(`drupe: ${from.file}: ${from.unused.join(", ")} say nothing here, and are not used\n`);
  const base = from?.config ?? { root: root! };
  const source = root === HELLO ? fileURLToPath(new URL("../../share/hello", import.meta.url)) : root;
  const { name, libraries, runtime, ahead, start, files, compress } = flags;
  const list = libraries?.includes(",") ? libraries.split(",") : libraries;
  return {
    ...base,
    ...(source === undefined ? {} : { root: source }),
    ...(args.length === 0 ? {} : { cmd: [...args] }),
    ...(name === undefined ? {} : { name }),
    ...(list === undefined ? {} : { libraries: list }),
    ...(runtime === undefined ? {} : { runtime }),
    ...(ahead === undefined ? {} : { ahead }),
    ...(start === undefined ? {} : { start }),
    ...(files === undefined ? {} : { files }),
    ...(compress === undefined ? {} : { compress }),
    ...(flags.profile ? {} : { profile: false }),
    ...(flags.strace ? { strace: true } : {}),
    ...(flags.volume.length === 0 ? {} : { volumes: [...(base.volumes ?? []), ...flags.volume.map(asConfigured)] }),
    ...(flags.env.length === 0 ? {} : { env: [...variables(base.env), ...flags.env] }),
  };
}

function asConfigured({ source, destination, readOnly }: Volume): NonNullable<DrupeConfig["volumes"]>[number] {
  return { source, destination, readOnly };
}

function variables(env: DrupeConfig["env"] = []): readonly string[] {
  return Array.isArray(env) ? env : Object.entries(env).map(([name, value]) => `${name}=${value}`);
}
