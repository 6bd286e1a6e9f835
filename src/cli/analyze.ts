import { writeFileSync } from "node:fs";
import { Command } from "commander";
import type { Report, ReportRow } from "../build/index.ts";
import { createConsole } from "../host/node/index.ts";
import { builder, orThrow, withRoots } from "./builder.ts";
import { addImageFlags, configFrom, type ImageFlags } from "./image-flags.ts";
import { formatTable } from "./table.ts";

interface ReportFlags extends ImageFlags {
  readonly json: boolean;
  readonly output?: string;
}

/** `drupe analyze`: what a program can ask of the kernel, and what it would get. */
export function analyzeCommand(): Command {
  const command = new Command("analyze")
    .summary("tell which system calls a program can make, and what it would get")
    .description(
      "Reads a program and every object that it loads, follows its code, and lists the system calls that it can make:\n" +
        "who makes them, which library provides them, and what is missing. It is run once as well, unless --no-profile.",
    )
    .argument("[root]", "a program, a directory, a tar archive, or debian:PACKAGE[/COMMAND]")
    .argument("[cmd...]", "the program and its arguments")
    .option("--json", "as JSON", false);
  return addImageFlags(command).action(async (root: string | undefined, cmd: string[], flags: ReportFlags) => {
    const { makePlan, record } = await builder();
    const config = await configFrom(root, cmd, flags);
    await withRoots(flags, async (roots) => {
      const plan = orThrow(await makePlan(config, roots));
      const { report } = orThrow(await record(plan));
      process.stdout.write(flags.json ? asJson(report) : asText(report));
      plan.tree.close();
    });
  });
}

/** `drupe trace`: runs a program and records what it really asks for. */
export function traceCommand(): Command {
  const command = new Command("trace")
    .summary("run a program and record what it asks of the kernel")
    .description("Runs a program as it is, and tells afterwards which system calls, flags, requests and files it used.")
    .argument("[root]", "a program, a directory, a tar archive, or debian:PACKAGE[/COMMAND]")
    .argument("[args...]", "the program's arguments")
    .option("--json", "as JSON", false)
    .option("-o, --output <file>", "write the report to a file instead of stderr");
  return addImageFlags(command).action(async (root: string | undefined, args: string[], flags: ReportFlags) => {
    const { makePlan, record, withRun } = await builder();
    const config = await configFrom(root, [], flags);
    await withRoots(flags, async (roots) => {
      const plan = withRun(orThrow(await makePlan(config, roots)), args);
      const console = createConsole();
      const { report } = orThrow(await record(plan, console));
      console.close();
      const seen = { ...report, rows: report.rows.filter(({ recorded }) => recorded !== undefined) };
      const text = flags.json ? asJson(seen) : asText(seen);
      if (flags.output === undefined) process.stderr.write(text);
      else writeFileSync(flags.output, text);
      plan.tree.close();
    });
  });
}

function asJson(report: Report): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function asText(report: Report): string {
  const { program, objects, rows, unresolved, loads, missingObjects, files } = report;
  const count = (support: ReportRow["support"]): number => rows.filter((row) => row.support === support).length;
  const named = files.length === 0 ? [] : ["", "files:", ...files.map((file) => `  ${file}`)];
  const notes = [
    ...unresolved.map(({ object, function: name }) => `${name} of ${object} makes a call that only its run will tell`),
    ...(loads.length === 0
      ? []
      : [`${loads.join(", ")}: it loads objects that are not seen here; record a run that does`]),
    ...missingObjects.map((name) => `${name} is needed and not there`),
  ];
  return [
    `${program}: ${rows.length} system calls, ${count("full")} supported fully, ${count("partial")} partly, ${count("missing")} missing`,
    `objects: ${objects.join(" ")}`,
    "",
    formatTable(["system call", "known", "library", "support", "who, and what is missing"], rows.map(cells)),
    ...named,
    ...(notes.length === 0 ? [] : ["", ...notes]),
    "",
  ].join("\n");
}

function cells({ name, known, library, support, lacks, sites, recorded }: ReportRow): readonly string[] {
  const [first] = sites;
  const who =
    first === undefined ? [] : [`${first.function} in ${first.object.slice(first.object.lastIndexOf("/") + 1)}`];
  const values = recorded === undefined || recorded.values.length === 0 ? [] : [recorded.values.slice(0, 6).join(" ")];
  const failed = Object.entries(recorded?.errors ?? {}).map(([errno, times]) => `${errno} ${times}×`);
  const more = lacks === undefined ? [] : [support === "partial" ? `has ${lacks}` : lacks];
  const seen = recorded === undefined ? known : `${known} ${recorded.count}×`;
  return [name, seen, library, support, [...who, ...values, ...failed, ...more].join("; ")];
}
