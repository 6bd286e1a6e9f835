/** Runs programs to see what they do. */
import { utf8Encode } from "../base/bytes.ts";
import { createWasmEngine } from "../engine/index.ts";
import type { HostConsole } from "../kernel/host.ts";
import { compiler, type ProfileRun, profile } from "./ahead/profile.ts";
import { type Analysis, analyze } from "./analyze/analyze.ts";
import { Recording } from "./analyze/recording.ts";
import { makeReport, type Report } from "./analyze/report.ts";
import { BuildError } from "./build-error.ts";
import { headOf } from "./make-image.ts";
import type { ImagePlan } from "./plan.ts";
import { Draft } from "./root/draft.ts";

export interface Recorded {
  readonly report: Report;
  readonly runs: readonly ProfileRun[];
}

/**
 * Looks at a plan's program, and runs it as the plan says.
 *
 * @param console - the streams of the runs; what they print is dropped without one.
 */
export async function record(plan: ImagePlan, console?: HostConsole): Promise<Recorded | BuildError> {
  const analysis: Analysis | BuildError = analyze(plan.tree, plan.program.path);
  if (analysis instanceof BuildError) return analysis;
  const recording = new Recording();
  if (plan.profile.length === 0) return { report: makeReport(analysis, recording), runs: [] };
  const runs = await profile({
    image: new Draft(plan.tree, headOf(plan, []), plan.times).image,
    runs: plan.profile,
    seconds: plan.profileSeconds,
    engine: createWasmEngine({ compiler: compiler() }),
    extra: [recording.library],
    ...(console === undefined ? {} : { console }),
  });
  return runs instanceof BuildError ? runs : { report: makeReport(analysis, recording), runs };
}

/** A plan whose one recorded run has these arguments. */
export function withRun(plan: ImagePlan, args: readonly string[]): ImagePlan {
  return {
    ...plan,
    profile: [[plan.program.argv[0]!, ...args.map(utf8Encode)]],
    profileSeconds: Number.MAX_SAFE_INTEGER,
  };
}
