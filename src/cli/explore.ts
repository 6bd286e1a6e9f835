import { type ExploredRun, Explorer, failureOf } from "../api/explore.ts";
import type { ByteString } from "../base/bytes.ts";
import { openSource, type SourceRequest } from "./source.ts";

/** What `drupe explore` was asked for. */
export interface ExploreRequest extends SourceRequest {
  readonly args: readonly string[];
  readonly seeds: number;
  readonly from: number;
  readonly seed?: number;
  readonly status: number;
  readonly anyOutput: boolean;
  readonly instructions?: number;
  readonly env: readonly string[];
  readonly strace: boolean;
  readonly discardSleeps?: boolean;
}

/** Milliseconds between two updates of the progress line. */
const PROGRESS_MS = 200;

/** Runs a program in many orders of its tasks; answers 1 if one of them fails. */
export async function explore(request: ExploreRequest): Promise<number> {
  const source = await openSource(request);
  const explorer = new Explorer(
    {
      ...(source.root === undefined ? {} : { root: source.root }),
      ...(source.files === undefined ? {} : { files: source.files }),
      path: source.path,
      argv: [source.argv0, ...request.args],
      env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...request.env],
    },
    {
      ...(request.instructions === undefined ? {} : { instructions: request.instructions }),
      discardSleeps: request.discardSleeps === true,
    },
  );
  return request.seed === undefined ? runAll(explorer, request) : replay(explorer, request, request.seed);
}

async function runAll(explorer: Explorer, request: ExploreRequest): Promise<number> {
  const progress = new Progress(request);
  const schedules = new Set<string>();
  let first: ExploredRun | undefined;
  for (let done = 0; done < request.seeds; done++) {
    const run = await explorer.run(request.from + done);
    schedules.add(run.schedule);
    first ??= run;
    const failure = failureOf(run, request.status) ?? (request.anyOutput ? undefined : differenceOf(run, first));
    progress.update(done + 1, schedules.size, failure !== undefined);
    if (failure === undefined) continue;
    report(request, run, failure, `${counted(done + 1, "run")}, ${counted(schedules.size, "interleaving")}`);
    return 1;
  }
  process.stdout.write(
    `${counted(request.seeds, "run")}, ${counted(schedules.size, "interleaving")}: no failure, and ${
      request.anyOutput ? "output was not compared" : "the same output"
    }\n`,
  );
  return 0;
}

/** Shows one run whole. */
async function replay(explorer: Explorer, request: ExploreRequest, seed: number): Promise<number> {
  const line = (text: string): void => void process.stderr.write(`${text}\n`);
  const run = await explorer.run(seed, request.strace ? line : undefined);
  process.stdout.write(run.stdout, "latin1");
  process.stderr.write(run.stderr, "latin1");
  const failure = failureOf(run, request.status);
  process.stderr.write(`drupe: seed ${seed}, interleaving ${run.schedule}: ${failure ?? "no failure"}\n`);
  return failure === undefined ? 0 : 1;
}

function report(request: ExploreRequest, run: ExploredRun, failure: string, after: string): void {
  process.stdout.write(`seed ${run.seed} ${failure}\n(after ${after})\n`);
  for (const [name, text] of [
    ["stdout", run.stdout],
    ["stderr", run.stderr],
  ] as const) {
    if (text !== "")
      process.stdout.write(`${name}:\n${text.replace(/^(?=.)/gm, "  ")}${text.endsWith("\n") ? "" : "\n"}`, "latin1");
  }
  process.stdout.write(`Replay it with: ${replayCommand(request, run.seed)}\n`);
}

function replayCommand(request: ExploreRequest, seed: number): string {
  const flags = [
    ...(request.rootfs === undefined ? [] : ["--rootfs", request.rootfs]),
    ...(request.entrypoint === undefined ? [] : ["--entrypoint", request.entrypoint]),
    ...(request.lock === undefined ? [] : ["--lock", request.lock]),
    ...(request.instructions === undefined ? [] : ["--instructions", `${request.instructions}`]),
    ...(request.discardSleeps === true ? ["--discard-sleeps"] : []),
    ...request.env.flatMap((variable) => ["-e", variable]),
  ];
  const args = request.args.length === 0 ? [] : ["--", ...request.args];
  return ["drupe", "explore", "--seed", `${seed}`, ...flags, request.program, ...args].map(quote).join(" ");
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** How a run's output differs from the first one's. */
function differenceOf(run: ExploredRun, first: ExploredRun): string | undefined {
  for (const stream of ["stdout", "stderr"] as const) {
    const [got, wanted] = [lines(run[stream]), lines(first[stream])];
    const at = got.findIndex((line, i) => line !== wanted[i]);
    if (at < 0 && got.length === wanted.length) continue;
    const line = at < 0 ? got.length : at;
    return (
      `differs from seed ${first.seed} in line ${line + 1} of ${stream}\n` +
      `  - ${wanted[line] ?? "(no such line)"}\n  + ${got[line] ?? "(no such line)"}`
    );
  }
  return undefined;
}

function lines(text: ByteString): readonly string[] {
  return text.split("\n");
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}

/** A line that tells how far it is, on a terminal. */
class Progress {
  private readonly total: number;
  private readonly shown: boolean;
  private last = 0;

  constructor({ seeds, quiet }: ExploreRequest) {
    this.total = seeds;
    this.shown = !quiet && process.stderr.isTTY === true;
  }

  update(done: number, interleavings: number, failed: boolean): void {
    if (!this.shown) return;
    const isLast = failed || done === this.total;
    const now = performance.now();
    if (!isLast && now - this.last < PROGRESS_MS) return;
    this.last = now;
    process.stderr.write(isLast ? "\r\x1b[K" : `\r${done} of ${this.total} runs, ${interleavings} interleavings`);
  }
}
