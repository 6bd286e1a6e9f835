/** The command line: argv in, exit status out. Nothing else in Drupe prints or exits. */
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { DrupeError } from "../api/error.ts";
import { analyzeCommand, traceCommand } from "./analyze.ts";
import { buildCommand } from "./build.ts";
import { explore } from "./explore.ts";
import { exploreCommand } from "./explore-command.ts";
import { inspectCommand } from "./inspect.ts";
import { menuCommand } from "./menu.ts";
import { fail } from "./print.ts";
import { run } from "./run.ts";
import { runCommand } from "./run-command.ts";
import { syscallsCommand } from "./syscalls.ts";

/** Exit status when Drupe itself fails, as Docker's: it cannot be told from the program's own 125, but seldom is. */
const FAILED = 125;

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const drupe = new Command("drupe")
  .description("Run one unmodified Linux program, with only the kernel parts that it needs.")
  .version(version)
  .enablePositionalOptions()
  .showHelpAfterError("(--help says what there is)")
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, "drupe:")) })
  .exitOverride((error) => {
    // Help and version are no failures; everything else is a wrong use.
    process.exit(error.exitCode === 0 ? 0 : FAILED);
  });
const commands = [
  runCommand(run),
  buildCommand(),
  exploreCommand(explore),
  inspectCommand(),
  menuCommand(),
  analyzeCommand(),
  traceCommand(),
  syscallsCommand(),
];
for (const command of commands) drupe.addCommand(command.copyInheritedSettings(drupe));

drupe.parseAsync().catch((error: unknown) => {
  report(error);
  process.exitCode = FAILED;
});

/** A DrupeError is the user's to put right; anything else is ours. */
function report(error: unknown): void {
  if (error instanceof DrupeError) {
    fail(error.message, error.cure);
    return;
  }
  const origin = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const trace = origin instanceof Error ? origin.stack : String(origin);
  fail(`a bug in Drupe: ${trace}`, "Please report it with the command that you ran.");
}
