import { Command, Option } from "commander";
import type { ExploreRequest } from "./explore.ts";
import { collectVariable, parseCount, parseStatus } from "./values.ts";

type ExploreFlags = Omit<ExploreRequest, "program" | "args">;

/** `drupe explore`: what it takes, and nothing of what it does. */
export function exploreCommand(explore: (request: ExploreRequest) => Promise<number>): Command {
  return new Command("explore")
    .summary("run one program under many orders of its threads and processes")
    .description(
      "Runs a program again and again on one simulated processor, under a clock of its own, each time " +
        "in another order of its threads and processes: they give way to each other after system calls " +
        "and between any two instructions. It stops at the first run that fails, hangs, does not end, or " +
        "prints something else than the first one, and says how to have that run again.\n\n" +
        "The exit status is 0 if no run failed, and 1 if one did.",
    )
    .argument("<program>", "what to run, as for drupe run")
    .argument("[args...]", "the program's arguments")
    .option("-n, --seeds <n>", "how many runs", parseCount, 1000)
    .option("--from <seed>", "the first run's seed", parseCount, 1)
    .option("-s, --seed <seed>", "one run only: the one that this seed stands for", parseCount)
    .option("--status <n>", "the exit status that is no failure", parseStatus, 0)
    .option("--any-output", "runs may print different things", false)
    .option("--instructions <n>", "instructions after which a run counts as endless", parseCount)
    .option("--rootfs <path>", "take the files from a directory or a tar archive (.gz, .xz, .zst)")
    .option("--mirror <url>", "Debian mirror (default: $DRUPE_DEBIAN_MIRROR, then this machine's apt sources)")
    .option(
      "--lock <file>",
      "take exactly the packages recorded in this file; record what it lacks (default: $DRUPE_LOCK)",
    )
    .option(
      "-e, --env <name[=value]>",
      "set a variable, or pass this process's one on",
      collectVariable,
      [] as readonly string[],
    )
    .option("--entrypoint <path>", "run this program of the root instead of the source's own")
    .option("--strace", "with --seed: print each system call, as strace(1) does", false)
    .option("-q, --quiet", "no progress", false)
    .addOption(new Option("--discard-sleeps", "go on from a sleeping call's restart data alone").hideHelp())
    .passThroughOptions()
    .allowExcessArguments(false)
    .action(async (program: string, args: string[], flags: ExploreFlags) => {
      process.exitCode = await explore({ ...flags, program, args: args[0] === "--" ? args.slice(1) : args });
    });
}
