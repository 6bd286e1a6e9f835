import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { DrupeError } from "../api/error.ts";
import type { InspectedScript, Inspection } from "../build/index.ts";
import { builder, formatBytes } from "./builder.ts";
import { imageFile, openImageFile } from "./run-image.ts";
import { formatTable } from "./table.ts";

interface InspectFlags {
  readonly json: boolean;
  readonly svg?: string;
  readonly files: boolean;
}

/** `drupe inspect`: what an image is made of. */
export function inspectCommand(): Command {
  return new Command("inspect")
    .summary("show what an image is made of, and why")
    .description("Shows an image's libraries and why they are in, the system calls that it answers, sizes, and files.")
    .argument("<image>", "a folder that drupe build made, or an image file")
    .option("--json", "as JSON, with every file", false)
    .option("--svg <file>", "draw the graph of its libraries")
    .option("--files", "list every file with where it came from", false)
    .action(async (place: string, flags: InspectFlags) => {
      const file = imageFile(place);
      if (file === undefined)
        throw new DrupeError(`${place} is no image`, "Name what drupe build wrote: a folder, or a .drupe file.");
      const { inspect, inspectSvg } = await builder();
      const report = inspect(openImageFile(file).manifest, scriptOf(place));
      if (flags.svg !== undefined) writeFileSync(flags.svg, inspectSvg(report));
      process.stdout.write(flags.json ? `${JSON.stringify(report, undefined, 2)}\n` : asText(report, flags.files));
    });
}

/** What the folder of an image says of its script. */
function scriptOf(place: string): InspectedScript | undefined {
  const notes = join(place, "image.json");
  if (!statSync(place).isDirectory() || !existsSync(notes)) return undefined;
  return JSON.parse(readFileSync(notes, "utf8")) as InspectedScript;
}

function asText(report: Inspection, withFiles: boolean): string {
  const { name, drupe, command, runtime, libraries, syscalls, sizes, code, files } = report;
  const rows = libraries.map((library) => [
    library.name,
    library.bytes === undefined ? "" : formatBytes(library.bytes),
    `${library.syscalls.length}`,
    library.why,
  ]);
  const sources = new Map<string, { count: number; bytes: number }>();
  for (const { source, size } of files) {
    const { count, bytes } = sources.get(source) ?? { count: 0, bytes: 0 };
    sources.set(source, { count: count + 1, bytes: bytes + size });
  }
  return [
    `${name}: ${command.join(" ")}`,
    `built by Drupe ${drupe}, runtime ${runtime}`,
    "",
    formatTable(["library", "bytes", "calls", "why"], rows),
    "",
    `${syscalls.length} system calls are answered: ${syscalls.join(" ")}`,
    "",
    formatTable(
      ["part", "bytes"],
      Object.entries(sizes).map(([part, bytes]) => [part, formatBytes(bytes)]),
    ),
    "",
    formatTable(
      ["object", "functions", "at start", "stored"],
      code.map((row) => [row.object, `${row.functions}`, `${row.startup}`, formatBytes(row.bytes)]),
    ),
    "",
    formatTable(
      ["files", "bytes", "source"],
      [...sources].map(([source, { count, bytes }]) => [`${count}`, formatBytes(bytes), source]),
    ),
    ...(withFiles
      ? ["", ...files.map(({ path, size, sha256 = "", source }) => `${sha256}  ${size}  ${path}  ${source}`)]
      : []),
    "",
  ].join("\n");
}
