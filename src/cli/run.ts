import { createWriteStream, type WriteStream } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { boot, DrupeError, type LimitOptions, type Machine, type MachineStats, shellStatus } from "../api/index.ts";
import { defaultCacheDir } from "../base/cache-dir.ts";
import type { Port } from "../entry/ports.ts";
import type { Volume } from "../entry/volumes.ts";
import { isTerminal } from "../host/node/index.ts";
import { tellChosen } from "./ports.ts";
import { imageFile, runImage } from "./run-image.ts";
import { openSource, type SourceRequest } from "./source.ts";
import { formatStats } from "./stats.ts";
import { findUser } from "./user.ts";
import { volumeOption } from "./values.ts";

/** What `drupe run` was asked for. */
export interface RunRequest extends SourceRequest {
  readonly args: readonly string[];
  readonly volume: readonly Volume[];
  readonly publish: readonly Port[];
  readonly env: readonly string[];
  readonly workdir?: string;
  readonly user?: string;
  readonly tty: boolean;
  readonly memory: number;
  readonly cpuTime?: number;
  readonly pidsLimit?: number;
  readonly files?: number;
  readonly hostname?: string;
  readonly engine: "wasm" | "interp";
  readonly policy?: "null" | "paged";
  readonly strace: boolean;
  readonly straceOutput?: string;
  readonly stats: boolean;
  readonly cache: boolean;
  readonly discardSleeps?: boolean;
}

/** Runs a program and answers its status as a shell gives it. */
export async function run(request: RunRequest): Promise<number> {
  if (request.tty && !(isTerminal(0) && isTerminal(1))) {
    throw new DrupeError(
      "-t asks for a terminal, but stdin or stdout is none",
      "Leave -t out, or run it in a terminal.",
    );
  }
  const trace = request.strace ? openTrace(request.straceOutput) : undefined;
  const image = request.rootfs === undefined ? imageFile(request.program) : undefined;
  if (image !== undefined) return runImage(image, request, trace?.line ?? (() => {}));
  const source = await openSource(request);
  const user = request.user === undefined ? undefined : findUser(request.user, source.root);
  const machine = await boot({
    ...(source.root === undefined ? {} : { root: source.root }),
    ...(source.files === undefined ? {} : { files: source.files }),
    ...(request.policy === undefined ? {} : { policy: request.policy }),
    ...(request.hostname === undefined ? {} : { hostname: request.hostname }),
    ...(trace === undefined ? {} : { strace: trace.line }),
    volumes: request.volume.map(volumeOption),
    ports: request.publish,
    engine: request.engine,
    limits: limitsOf(request),
    stdio: "inherit",
    cache: request.cache ? join(defaultCacheDir(process.env, homedir()), "translations") : false,
    count: request.stats,
    discardSleeps: request.discardSleeps === true,
  });
  tellChosen(request.publish, machine.ports);
  const stopForwarding = forwardSignals(machine);
  try {
    const env = [
      ...(process.env.TERM && isTerminal(1) ? [`TERM=${process.env.TERM}`] : []),
      ...(user === undefined ? [] : [`HOME=${user.home}`]),
      ...request.env,
    ];
    const program = await machine.spawn(source.path, request.args, {
      env,
      argv0: source.argv0,
      ...(request.workdir === undefined ? {} : { cwd: request.workdir }),
      ...(user === undefined ? {} : { user }),
    });
    const status = shellStatus(await program.exited);
    if (status !== 0) reportMissing(machine.stats().missing);
    return status;
  } finally {
    stopForwarding();
    await machine.stop();
    if (request.stats) process.stderr.write(formatStats(machine.stats()));
    trace?.close();
  }
}

function limitsOf(request: RunRequest): LimitOptions {
  return {
    memory: request.memory,
    ...(request.cpuTime === undefined ? {} : { cpuSeconds: request.cpuTime }),
    ...(request.pidsLimit === undefined ? {} : { processes: request.pidsLimit }),
    ...(request.files === undefined ? {} : { files: request.files }),
  };
}

/** Signals of this process that are meant for the guest. With a terminal in raw mode Ctrl-C arrives as a key instead. */
const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

function forwardSignals(machine: Machine): () => void {
  const forward = (signal: NodeJS.Signals): void => machine.kill(signal);
  for (const signal of FORWARDED) process.on(signal, forward);
  return () => {
    for (const signal of FORWARDED) process.off(signal, forward);
  };
}

function openTrace(file: string | undefined): { line(text: string): void; close(): void } {
  const out: WriteStream | NodeJS.WriteStream = file === undefined ? process.stderr : createWriteStream(file);
  return {
    line: (text) => void out.write(`${text}\n`),
    close: () => {
      if (file !== undefined) out.end();
    },
  };
}

/** Calls that the C libraries try and go round when they are not there: they explain no failure. */
const TRIED_IN_VAIN = new Set(["rseq"]);

/** Names what a program that failed did not get. */
function reportMissing(missing: MachineStats["missing"]): void {
  for (const { name, library } of missing) {
    if (TRIED_IN_VAIN.has(name)) continue;
    const place =
      library === undefined
        ? "no library provides it"
        : `it belongs to library ${library}, which does not provide it yet`;
    process.stderr.write(`drupe: the program asked for ${name} and got ENOSYS: ${place}\n`);
  }
}
