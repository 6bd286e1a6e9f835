import { type ByteString, utf8Encode } from "../base/bytes.ts";
import { createInterpEngine, SpacePool } from "../engine/index.ts";
import { createCodeCompiler } from "../host/node/index.ts";
import { SeededEntropy, SeededInterleaving, TestConsole, VirtualClock } from "../host/test/index.ts";
import type { RootTree } from "../image/index.ts";
import type { Host } from "../kernel/host.ts";
import { Kernel } from "../kernel/kernel.ts";
import { LoadError } from "../kernel/loader/load-error.ts";
import type { Process } from "../kernel/process.ts";
import type { Task } from "../kernel/task.ts";
import { formatPendingCall, trace } from "../lib/trace/index.ts";
import type { CodeCompiler } from "../machine/engine.ts";
import { full } from "../preset/full.ts";
import { DrupeError } from "./error.ts";
import { MachineBug } from "./machine.ts";
import { type ExitStatus, shellStatus } from "./options.ts";
import { rootLibrary } from "./root.ts";

/** A program to be run in many orders. */
export interface ExploredProgram {
  readonly root?: RootTree;
  readonly files?: Readonly<Record<string, Uint8Array>>;
  readonly path: string;
  /** The program's own name first. */
  readonly argv: readonly string[];
  readonly env?: readonly string[];
  readonly stdin?: string;
}

export interface ExploreOptions {
  /** Instructions that a run may take before it counts as endless. Default 100 million. */
  readonly instructions?: number;
  /** Throws every sleeping call's stack away, so that it goes on from its restart data. */
  readonly discardSleeps?: boolean;
}

/** How a run ended. */
export type Ending =
  | { readonly kind: "ended"; readonly status: ExitStatus }
  /** Every task sleeps and no timer is set; a line for each says what it waits for. */
  | { readonly kind: "hangs"; readonly tasks: readonly string[] }
  | { readonly kind: "endless"; readonly instructions: number };

/** One run under one order of its tasks. */
export interface ExploredRun {
  readonly seed: number;
  /** Equal for two runs whose tasks gave way to each other at the same points. */
  readonly schedule: string;
  readonly ending: Ending;
  readonly stdout: ByteString;
  readonly stderr: ByteString;
}

const DEFAULT_INSTRUCTIONS = 100e6;
/** How often a run's length is looked at, at the least. */
const LOOKS = 16;
/** Time that passes at each look at the clock, so that programs which wait for it in a loop get on. */
const TICK_NS = 1000;
/** Time that an instruction takes, in a loop that makes no system call. */
const INSTRUCTION_NS = 10;
/** The limits of a machine that has the outside's memory only for a moment. */
const LIMITS = { memoryBytes: 2 ** 30, processes: 1024, fds: 1024 };

/**
 * Runs a program again and again under a virtual clock, each time in another order of its tasks, drawn from a seed: the same
 * seed is the same run. Machines share compiled code and free memories, so that a run of a small program takes milliseconds.
 */
export class Explorer {
  private readonly program: ExploredProgram;
  private readonly options: ExploreOptions;
  private readonly compiler: CodeCompiler = createCodeCompiler();
  private readonly pool = new SpacePool(this.compiler);

  constructor(program: ExploredProgram, options: ExploreOptions = {}) {
    this.program = program;
    this.options = options;
  }

  /**
   * Runs the program in the order that a seed stands for.
   *
   * @param strace - receives each line of a system call trace.
   * @throws {DrupeError} if the program cannot be run.
   * @throws {MachineBug} if Drupe's kernel fails.
   */
  async run(seed: number, strace?: (line: string) => void): Promise<ExploredRun> {
    const { path, argv, env = [], root, files } = this.program;
    const instructions = this.options.instructions ?? DEFAULT_INSTRUCTIONS;
    let ending: Ending | undefined;
    const end = (how: Ending): void => {
      ending ??= how;
      kernel.stop();
    };
    const host = this.createHost(() => end({ kind: "hangs", tasks: describeTasks(kernel) }));
    const look = (): void => {
      if (kernel.engine.stats().interpreted <= instructions) return;
      // At the next timers: an engine's frames may be on the stack here.
      kernel.at(kernel.now(), () => end({ kind: "endless", instructions }));
    };
    const pass = (count: number): void => host.clock.pass(count * INSTRUCTION_NS);
    const interleaving = new SeededInterleaving(seed, instructions / LOOKS, look, pass);
    const kernel = Kernel.boot({
      libraries: [...full, rootLibrary(root, files), ...(strace === undefined ? [] : [trace(strace)])],
      engine: createInterpEngine({ compiler: this.compiler, pool: this.pool }),
      host,
      limits: LIMITS,
      options: { poll: "fuel", interleaving, discardGenerators: this.options.discardSleeps ?? false },
    });
    const process = await start(kernel, path, argv, env);
    const fault = await kernel.run();
    if (fault !== undefined) throw new MachineBug(fault);
    const status = process.exitStatus!;
    const { stdout, stderr } = host.console;
    return {
      seed,
      schedule: interleaving.schedule,
      ending: ending ?? { kind: "ended", status },
      stdout: stdout.text,
      stderr: stderr.text,
    };
  }

  private createHost(onStuck: () => void): Host & { readonly console: TestConsole; readonly clock: VirtualClock } {
    const clock = new VirtualClock(TICK_NS);
    clock.onStuck = onStuck;
    const console = new TestConsole();
    console.stdin.push(utf8Encode(this.program.stdin ?? ""));
    console.stdin.end();
    const machine = { memoryBytes: 2 ** 32, processors: 1 };
    return { clock, console, entropy: new SeededEntropy(1), machine };
  }
}

async function start(kernel: Kernel, path: string, argv: readonly string[], env: readonly string[]): Promise<Process> {
  const process = await kernel.start({ path: utf8Encode(path), argv: argv.map(utf8Encode), env: env.map(utf8Encode) });
  if (process instanceof LoadError) throw new DrupeError(process.message, process.cure);
  return process;
}

/** What each task waits for, a line a task. */
function describeTasks(kernel: Kernel): readonly string[] {
  return [...kernel.tasks.values()].map((task) => {
    kernel.enter(task);
    const line = `${nameOf(task)} waits in ${formatPendingCall(task)}`;
    kernel.current = undefined;
    return line;
  });
}

function nameOf({ tid, process }: Task): string {
  const thread = tid === (process.pid as number) ? "" : `, thread ${tid}`;
  return `${process.name} (process ${process.pid}${thread})`;
}

/** Why a run counts as a failure, if it does: it hangs, does not end, or ends otherwise than with a status. */
export function failureOf({ ending }: ExploredRun, wantedStatus = 0): string | undefined {
  switch (ending.kind) {
    case "ended": {
      const status = shellStatus(ending.status);
      return status === wantedStatus ? undefined : `ends with status ${status}`;
    }
    case "hangs":
      return `hangs: every task sleeps, and no timer is set\n${ending.tasks.map((line) => `  ${line}`).join("\n")}`;
    case "endless":
      return `has not ended after ${ending.instructions.toLocaleString("en")} instructions`;
  }
}
