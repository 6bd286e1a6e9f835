import { Command, Option } from "commander";
import type { Port } from "../entry/ports.ts";
import type { Volume } from "../entry/volumes.ts";
import type { RunRequest } from "./run.ts";
import { collectPort, collectVariable, collectVolume, parseCount, parseSeconds, parseSize } from "./values.ts";

/** What the flags say: all of the request but the program and its arguments. */
type RunFlags = Omit<RunRequest, "program" | "args">;

/** `drupe run`: what it takes, and nothing of what it does. */
export function runCommand(run: (request: RunRequest) => Promise<number>): Command {
  return new Command("run")
    .summary("run one Linux program")
    .description(
      "Runs one unmodified riscv64 Linux program on a kernel of its own.\n\n" +
        "PROGRAM is a file (./prog), a program of --rootfs (/bin/prog), a Debian package\n" +
        "(debian:PACKAGE or debian:PACKAGE/COMMAND; debian:git,less/git takes more of them along), or\n" +
        "drupe:hello, which ships with Drupe.\n" +
        "What follows PROGRAM is the program's own; a -- in front of it may be left out.",
    )
    .argument("<program>", "what to run")
    .argument("[args...]", "the program's arguments")
    .option("--rootfs <path>", "take the files from a directory or a tar archive (.gz, .xz, .zst)")
    .option("--mirror <url>", "Debian mirror (default: $DRUPE_DEBIAN_MIRROR, then this machine's apt sources)")
    .option(
      "--lock <file>",
      "take exactly the packages recorded in this file; record what it lacks (default: $DRUPE_LOCK)",
    )
    .option(
      "-v, --volume <source:guest[:ro]>",
      "grant a folder of this machine (./folder), or a volume by its name, which is there again in the next run",
      collectVolume,
      [] as readonly Volume[],
    )
    .option(
      "-p, --publish <[address:]host:guest>",
      "let this machine's port lead to a TCP port of the guest; without an address only this machine reaches it",
      collectPort,
      [] as readonly Port[],
    )
    .option(
      "-e, --env <name[=value]>",
      "set a variable, or pass this process's one on",
      collectVariable,
      [] as readonly string[],
    )
    .option("-w, --workdir <path>", "working directory")
    .option("-u, --user <user[:group]>", "act for a user, by number or by a name of the root; root without it")
    .option("-i, --interactive", "keep stdin open: always so, as for any program of a shell", false)
    .option("-t, --tty", "insist on a terminal", false)
    .option("--entrypoint <path>", "run this program of the root instead of the source's own")
    .option("-m, --memory <size>", "most memory the guest may commit", parseSize, 2 * 2 ** 30)
    .option("--cpu-time <seconds>", "end the program after this much processor time", parseSeconds)
    .option("--pids-limit <n>", "most processes at a time", parseCount)
    .option("--files <n>", "most open files of a process", parseCount)
    .option("--hostname <name>", "the guest's host name")
    .addOption(new Option("--engine <name>", "how to run code").choices(["wasm", "interp"]).default("wasm"))
    .addOption(new Option("--policy <name>", "keep one memory policy (see ARCHITECTURE.md)").choices(["null", "paged"]))
    .option("--strace", "print each system call, as strace(1) does", false)
    .option("-o, --strace-output <file>", "write the lines of --strace to a file instead of stderr")
    .option("--stats", "print what the engine did, to stderr", false)
    .option("-q, --quiet", "no progress bar", false)
    .option("--no-cache", "translate anew: neither read nor write the translation cache")
    .addOption(new Option("--discard-sleeps", "go on from a sleeping call's restart data alone").hideHelp())
    .passThroughOptions()
    .allowExcessArguments(false)
    .action(async (program: string, args: string[], flags: RunFlags) => {
      process.exitCode = await run({
        ...flags,
        program,
        args: args[0] === "--" ? args.slice(1) : args,
      });
    });
}
