/** From an open image to a running program. */
import type { ByteString } from "../base/bytes.ts";
import type { Host } from "../kernel/host.ts";
import { Kernel, type KernelLimits } from "../kernel/kernel.ts";
import type { Library } from "../kernel/library.ts";
import { LoadError } from "../kernel/loader/load-error.ts";
import type { ExitStatus } from "../kernel/process.ts";
import type { CodeCompiler, Engine } from "../machine/engine.ts";
import type { OpenImage } from "./container.ts";
import type { EngineMaker } from "./engine.ts";
import type { Replay } from "./replay.ts";
import type { RootMaker } from "./root.ts";

/** What the build chose for an image; the generated entry lists it. */
export interface ImageParts {
  readonly libraries: readonly Library[];
  readonly root: RootMaker;
  readonly engine: EngineMaker;
  /** Has the host keep what it compiled of Drupe's own modules, if the image has any. */
  readonly keep?: (compiler: CodeCompiler) => CodeCompiler;
  /** For an image that has the record of a start. */
  readonly replay?: Replay;
  /** Makes the libraries that print system calls and name those that the image lacks, if it has them. */
  readonly trace?: (line: (text: string) => void) => readonly Library[];
}

/** How one run differs from what the image says. */
export interface StartRequest {
  readonly host: Host;
  /** Arguments behind the program's name, instead of the image's. */
  readonly args?: readonly ByteString[];
  /** `NAME=VALUE`, over the image's. */
  readonly env?: readonly ByteString[];
  readonly limits?: Partial<KernelLimits>;
  readonly extra?: readonly Library[];
  /** Calls to leave out of libraries that were not made for the image. */
  readonly without?: ReadonlySet<string>;
}

export interface RunningImage {
  readonly kernel: Kernel;
  /** How the first program ended, when the machine has. */
  readonly exited: Promise<ExitStatus>;
}

/** The machines of one process that come from one image: they share its translated code. */
export class ImageMachine {
  readonly image: OpenImage;
  private readonly parts: ImageParts;
  private readonly engine: Engine;

  constructor(image: OpenImage, parts: ImageParts, compiler: CodeCompiler, warn: (sentence: string) => void) {
    this.image = image;
    this.parts = parts;
    this.engine = parts.engine(image, compiler, warn);
  }

  /** Boots a machine and starts the image's program in it: by its record, if it has one and is started as it was recorded. */
  async start(request: StartRequest): Promise<RunningImage | LoadError> {
    const { replay } = this.parts;
    const { host, args, env = [] } = request;
    const isOther = args !== undefined || env.length > 0;
    if (replay === undefined || isOther) return this.startWith(this.engine, request);
    return this.startWith(replay.engine(this.image, host.console, this.engine), request);
  }

  private async startWith(engine: Engine, request: StartRequest): Promise<RunningImage | LoadError> {
    const { host, args, env = [], limits, extra = [], without } = request;
    const { program, policy, memory, runtime } = this.image.manifest;
    const kernel = Kernel.boot({
      libraries: [...this.parts.libraries, this.parts.root(this.image), ...extra],
      engine,
      host,
      limits: { ...(memory === undefined ? {} : { memoryBytes: memory }), ...limits },
      options: {
        ...(policy === undefined ? {} : { policy }),
        ...(without === undefined ? {} : { without }),
        // Translated code cannot be left from outside before it has been asked to; counting needs no other thread.
        ...(runtime === "none" ? { policy: policy ?? "null", poll: "fuel" } : {}),
      },
    });
    const { path, argv, cwd } = program;
    const started = await kernel.start({
      path,
      argv: args === undefined ? argv : [argv[0] ?? path, ...args],
      env: mergeEnvironment(program.env, env),
      cwd,
    });
    if (started instanceof LoadError) return started;
    return { kernel, exited: this.finish(kernel, started.exited, request) };
  }

  private async finish(kernel: Kernel, exited: Promise<ExitStatus>, request: StartRequest): Promise<ExitStatus> {
    const fault = await kernel.run();
    if (fault === undefined) return exited;
    if (this.parts.replay?.differs(fault.cause) !== true)
      throw new Error(`a bug in Drupe's kernel: ${fault.message}`, { cause: fault.cause });
    const again = await this.startWith(this.engine, request);
    if (again instanceof LoadError) throw new Error(again.message);
    return again.exited;
  }
}

/** Later variables replace earlier ones of the same name. */
function mergeEnvironment(...lists: readonly (readonly ByteString[])[]): readonly ByteString[] {
  const merged = new Map(lists.flat().map((pair) => [pair.slice(0, pair.indexOf("=")), pair]));
  return [...merged.values()];
}
