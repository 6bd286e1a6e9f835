import { Command, Option } from "commander";
import { type LedgerRow, supportLedger } from "../lib/ledger/ledger.ts";
import { full } from "../preset/full.ts";

interface SyscallFlags {
  readonly json: boolean;
  readonly markdown: boolean;
  readonly support?: LedgerRow["support"];
}

/** `drupe syscalls`: the support ledger, made from the declarations. */
export function syscallsCommand(): Command {
  return new Command("syscalls")
    .summary("list the system calls and how far each is supported")
    .description("Lists every system call of riscv64 Linux, the library that provides it, and what it lacks.")
    .option("--json", "as JSON", false)
    .option("--markdown", "as a Markdown table", false)
    .addOption(new Option("--support <degree>", "only these").choices(["full", "partial", "missing"]))
    .action(({ json, markdown, support }: SyscallFlags) => {
      const all = supportLedger(full);
      const rows = support === undefined ? all : all.filter((row) => row.support === support);
      if (json) process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
      else process.stdout.write(markdown ? asMarkdown(rows) : asText(rows));
    });
}

function asMarkdown(rows: readonly LedgerRow[]): string {
  const lines = rows.map(
    ({ number, name, library, support, lacks = "" }) => `| ${number} | ${name} | ${library} | ${support} | ${lacks} |`,
  );
  return ["| number | name | library | support | lacks |", "|---|---|---|---|---|", ...lines, ""].join("\n");
}

function asText(rows: readonly LedgerRow[]): string {
  const width = (pick: (row: LedgerRow) => string): number => Math.max(0, ...rows.map((row) => pick(row).length));
  const name = width((row) => row.name);
  const library = width((row) => row.library);
  const lines = rows.map((row) =>
    `${String(row.number).padStart(3)}  ${row.name.padEnd(name)}  ${row.library.padEnd(library)}  ${row.support.padEnd(7)}  ${row.lacks ?? ""}`.trimEnd(),
  );
  const count = (support: LedgerRow["support"]): number => rows.filter((row) => row.support === support).length;
  return [...lines, "", `${count("full")} full, ${count("partial")} partial, ${count("missing")} missing`, ""].join(
    "\n",
  );
}
