/** Where a program and its files come from. */
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { compileModules } from "../api/compile-modules.ts";
import { DrupeError, type RootTree } from "../api/index.ts";
import { ImageError, openRoot, rootOptions } from "../image/index.ts";

/** What says which program to run. */
export interface SourceRequest {
  readonly program: string;
  readonly rootfs?: string;
  readonly mirror?: string;
  readonly lock?: string;
  readonly entrypoint?: string;
  readonly quiet: boolean;
}

/** A program, and the files that it lives among. */
export interface Source {
  readonly root?: RootTree;
  readonly files?: Readonly<Record<string, Uint8Array>>;
  readonly path: string;
  readonly argv0: string;
}

/** Finds the program that a request names, and opens what it lives among. */
export async function openSource(request: SourceRequest): Promise<Source> {
  const { program, entrypoint } = request;
  if (program.startsWith("debian:")) {
    const root = await open(program, request);
    const path = entrypoint ?? root.command;
    if (path === undefined) throw new DrupeError(`${program} names no program`, "Name one: debian:PACKAGE/COMMAND.");
    return { root, path, argv0: basename(path) };
  }
  if (request.rootfs !== undefined) {
    return { root: await open(request.rootfs, request), path: entrypoint ?? program, argv0: program };
  }
  const file = program === "drupe:hello" ? fileURLToPath(new URL("../../share/hello", import.meta.url)) : program;
  const path = `/${basename(file)}`;
  return { files: { [path]: readProgram(file) }, path: entrypoint ?? path, argv0: program };
}

async function open(source: string, request: SourceRequest): Promise<RootTree> {
  // Loaded only here: a run of a single file has nothing to wait for.
  const { ProgressBar } = await import("./progress.ts");
  const progress = new ProgressBar(!request.quiet);
  try {
    const root = await openRoot(source, {
      ...rootOptions(process.env, homedir(), request),
      configure: compileModules,
      onProgress: progress.update,
      onNotice: progress.notice,
    });
    if (root instanceof ImageError) throw new DrupeError(root.message, root.cure);
    return root;
  } finally {
    progress.stop();
  }
}

function readProgram(file: string): Uint8Array {
  try {
    if (!statSync(file).isFile()) throw new DrupeError(`${file} is not a file`, "Name a riscv64 Linux program.");
    return readFileSync(file);
  } catch (error) {
    if (error instanceof DrupeError) throw error;
    const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : (error as Error).message;
    throw new DrupeError(
      `cannot read ${file}: ${why}`,
      "PROGRAM is a file of this machine, a path with --rootfs, debian:PACKAGE, or drupe:hello.",
    );
  }
}
