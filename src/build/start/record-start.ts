/** Makes the record from which an image starts its program. */
import type { ByteString } from "../../base/bytes.ts";
import { createWasmEngine } from "../../engine/index.ts";
import { createReplayEngine, restore } from "../../engine/replay/replay-engine.ts";
import type { RecordedBytes, StartRecord } from "../../engine/replay/start-record.ts";
import type { OpenImage } from "../../entry/container.ts";
import { compiler, profile } from "../ahead/profile.ts";
import { BuildError } from "../build-error.ts";
import { difference, pagesOf } from "./pages.ts";
import { StartRecorder } from "./start-recorder.ts";

export interface StartRequest {
  readonly image: OpenImage;
  readonly argv: readonly ByteString[];
  readonly seconds: number;
  /** The kinds of its streams. */
  readonly streams: string;
}

/**
 * Runs a program to the first system call that others could notice, then again by what was recorded: what its memory lacks then
 * belongs to the record too. The second run goes on to its end, which must be that of the first.
 */
export async function recordStart({ argv, ...given }: StartRequest): Promise<StartRecord | BuildError> {
  const recorder = new StartRecorder();
  const engine = () => createWasmEngine({ compiler: compiler() });
  const once = await profile({ ...given, runs: [argv], engine: engine(), extra: [recorder.library] });
  if (once instanceof BuildError) return once;
  const { start } = recorder;
  if (start === undefined) return refuse("it sleeps before it does anything that can be noticed");
  let memory: readonly RecordedBytes[] = [];
  const { pages, ...rest } = start;
  const replaying = createReplayEngine(engine(), { ...rest, memory }, (space) => {
    memory = difference(pagesOf(space), pages);
    restore(space, { ...rest, memory });
  });
  const again = await profile({ ...given, runs: [argv], engine: replaying });
  if (again instanceof BuildError) return again;
  const [first, second] = [once[0]!, again[0]!];
  if (first.status !== second.status) return refuse(`it ${first.status} first, and then ${second.status}`);
  return { ...rest, memory };
}

function refuse(why: string): BuildError {
  return new BuildError(`the program cannot be started by a record: ${why}`, "Build it without start: recorded.");
}
