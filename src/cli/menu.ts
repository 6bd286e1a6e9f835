import { Command } from "commander";
import type { MenuRow } from "../build/index.ts";
import { builder, formatBytes, orThrow, withRoots } from "./builder.ts";
import { addImageFlags, configFrom, type ImageFlags } from "./image-flags.ts";
import { formatTable } from "./table.ts";

/** `drupe menu`: the libraries that there are, and which of them an image gets. */
export function menuCommand(): Command {
  const command = new Command("menu")
    .summary("list the libraries, what each adds, and why an image has it")
    .description(
      "Lists every library with its bytes in a bundle, the system calls that it provides and what it needs.\n" +
        "With a root or a configuration it says which of them that image gets, and why.",
    )
    .argument("[root]", "a program, a directory, a tar archive, or debian:PACKAGE[/COMMAND]")
    .argument("[cmd...]", "the program and its arguments")
    .option("--json", "as JSON", false);
  return addImageFlags(command).action(
    async (root: string | undefined, cmd: string[], flags: ImageFlags & { readonly json: boolean }) => {
      const { makePlan, menu, loadConfig } = await builder();
      const planned = root !== undefined || loadConfig(process.cwd(), flags.file) !== undefined;
      const rows = await withRoots(flags, async (roots) => {
        const plan = planned ? orThrow(await makePlan(await configFrom(root, cmd, flags), roots)) : undefined;
        return orThrow(await menu(plan));
      });
      process.stdout.write(flags.json ? `${JSON.stringify(rows, undefined, 2)}\n` : asText(rows, planned));
    },
  );
}

function asText(rows: readonly MenuRow[], planned: boolean): string {
  const head = [
    ...(planned ? ["in"] : []),
    "library",
    "bytes",
    "calls",
    "needs",
    planned ? "why, or what it is" : "what it is",
  ];
  const cells = rows.map(({ name, bytes, syscalls, needs, why, summary }) => [
    ...(planned ? [why === undefined ? "" : "*"] : []),
    name,
    formatBytes(bytes),
    `${syscalls.length}`,
    needs.join(" "),
    why ?? summary,
  ]);
  return `${formatTable(head, cells)}\n`;
}
