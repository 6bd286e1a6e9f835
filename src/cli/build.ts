import { Command, Option } from "commander";
import type { Format, MadeImage } from "../build/index.ts";
import { builder, formatBytes, orThrow, withRoots } from "./builder.ts";
import { addImageFlags, configFrom, type ImageFlags } from "./image-flags.ts";

interface BuildFlags extends ImageFlags {
  readonly output?: string;
  readonly format: Format;
  readonly base?: string;
}

/** Where an image goes if nobody says. */
const PLACES: Readonly<Record<Format, (name: string) => string>> = {
  js: (name) => `${name}.image`,
  web: (name) => `${name}.web`,
  drupe: (name) => `${name}.drupe`,
  oci: (name) => `${name}.oci`,
};

/** `drupe build`: one program and what it needs, as an image. */
export function buildCommand(): Command {
  const command = new Command("build")
    .summary("build an image of one program, with only the kernel that it needs")
    .description(
      "Builds an image: the translated program, its files, and the micro-libraries that it needs.\n\n" +
        "ROOT is a program (./prog), a directory, a tar archive, or debian:PACKAGE[/COMMAND]; what follows is the\n" +
        "command line in it. Without ROOT, drupe.yaml or a Kraftfile in this folder says what to build.",
    )
    .argument("[root]", "where the program and its files come from")
    .argument("[cmd...]", "the program and its arguments")
    .option("-o, --output <place>", "where the image goes; a name in .mjs makes one file")
    .option("--base <layout>", "with --format oci: an OCI image layout that has Node")
    .addOption(new Option("--format <format>", "what is written").choices(["js", "web", "drupe", "oci"]).default("js"));
  return addImageFlags(command).action(async (root: string | undefined, cmd: string[], flags: BuildFlags) => {
    const { makePlan, makeImage, write } = await builder();
    const config = await configFrom(root, cmd[0] === "--" ? cmd.slice(1) : cmd, flags);
    await withRoots(flags, async (roots) => {
      const plan = { ...orThrow(await makePlan(config, roots)), page: flags.format === "web" };
      const image = orThrow(await makeImage(plan));
      for (const warning of image.warnings) process.stderr.write(`drupe: ${warning}\n`);
      const place = flags.output ?? PLACES[flags.format](plan.name);
      const { sizes } = orThrow(
        await write(image, {
          format: flags.format,
          place,
          trace: plan.trace,
          packing: plan.packing,
          ...(flags.base === undefined ? {} : { base: flags.base }),
        }),
      );
      if (flags.format === "oci" && flags.base === undefined)
        process.stderr.write("drupe: the image has no Node of its own: lay it over one that has with --base\n");
      process.stdout.write(describe(place, image, sizes));
      plan.tree.close();
    });
  });
}

function describe(place: string, { manifest, ahead }: MadeImage, sizes: Readonly<Record<string, number>>): string {
  const { libraries, root, blobs } = manifest;
  const stored = (indices: Iterable<number>): number =>
    [...new Set(indices)].reduce((sum, i) => sum + blobs[i]!.stored, 0);
  const code = stored(manifest.ahead.flatMap(({ modules }) => modules.map(({ blob }) => blob)));
  const files = root.inodes.flatMap(({ blob }) => (blob === undefined ? [] : [blob]));
  const rows = [
    ["libraries", `${libraries.length}`],
    ...(sizes.kernel === undefined ? [] : [["kernel", formatBytes(sizes.kernel)]]),
    ["files", `${formatBytes(stored(files))} (${files.length})`],
    ["code", `${formatBytes(code)} (translated ${formatBytes(ahead.guestBytes)} of guest code)`],
    ["altogether", formatBytes(Object.values(sizes).reduce((sum, size) => sum + size, 0))],
  ];
  return `${place}\n${rows.map(([name, value]) => `  ${name!.padEnd(10)}  ${value}\n`).join("")}`;
}
