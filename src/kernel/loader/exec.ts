/** From a path to a program at its first instruction (fs/exec.c, fs/binfmt_elf.c, fs/binfmt_script.c). */
import { EACCES, ELOOP, ENOENT, ENOEXEC, ENOSYS, Errno, type Result } from "../../abi/errno.ts";
import { RLIMIT } from "../../abi/resource.ts";
import type { ByteString } from "../../base/bytes.ts";
import { HART } from "../../machine/hart.ts";
import { type ExecAt, type ExecutableFile, executableOpener, onExec, onTaskExit } from "../hooks.ts";
import { limitOf } from "../limits.ts";
import type { AddressSpace } from "../mm/address-space.ts";
import type { Process } from "../process.ts";
import type { Task } from "../task.ts";
import { type Blocking, isBlocking } from "../wait.ts";
import { type ElfImage, type ElfSource, parseElf } from "./elf-image.ts";
import { LoadError } from "./load-error.ts";
import { mapProgram } from "./map-program.ts";
import { HEAD_BYTES, isScript, parseScript } from "./script.ts";
import { checkArguments } from "./stack-image.ts";

/** How often one script may name another as its interpreter. */
const MAX_SCRIPT_DEPTH = 5;

/** An ELF file that was opened and parsed. */
export interface LoadedFile {
  readonly file: ExecutableFile;
  readonly image: ElfImage;
}

/** All that is needed to run a program; nothing of it can fail but for want of memory. */
export interface ProgramPlan {
  /** The path as it was given: AT_EXECFN and the process's name, also for a script. */
  readonly path: ByteString;
  readonly argv: readonly ByteString[];
  readonly env: readonly ByteString[];
  readonly program: LoadedFile;
  readonly interpreter: LoadedFile | undefined;
}

/** A program to run. */
export interface ExecRequest {
  /** The name that a script's interpreter and AT_EXECFN get. */
  readonly path: ByteString;
  /** How the file is found; without it by `path`. */
  readonly opened?: { readonly path: ByteString; readonly at: ExecAt } | undefined;
  /** Its arguments and environment, asked for when its file is open: Linux finds what is wrong with the file first. */
  readonly strings: () => Result<Pick<ProgramPlan, "argv" | "env">>;
}

/** Opens and parses a program, the interpreters of scripts, and the dynamic linker that it asks for. Maps nothing. */
export function* prepareProgram(process: Process, request: ExecRequest): Blocking<ProgramPlan | LoadError> {
  const { path, opened } = request;
  let file = yield* open(process, opened?.path ?? path, opened?.at);
  if (file instanceof Errno) return openError(path, file);
  const strings = request.strings();
  if (strings instanceof Errno) return new LoadError(strings, `the arguments of ${path} cannot be read`);
  const { env } = strings;
  // Linux gives a program without arguments one empty argument.
  let args = strings.argv.length === 0 ? ["" as ByteString] : strings.argv;
  let target = path;
  for (let depth = 0; depth <= MAX_SCRIPT_DEPTH; depth++) {
    if (depth > 0) file = yield* open(process, target);
    if (file instanceof Errno) return missingInterpreter(path, target, file);
    const head = source(file, target).read(0, HEAD_BYTES) ?? new Uint8Array();
    if (!isScript(head)) {
      const tooBig = checkArguments(args, env, limitOf(process, RLIMIT.STACK));
      if (tooBig instanceof Errno) return new LoadError(tooBig, `the arguments of ${path} are too long`);
      return yield* prepareElf(process, file, { path, argv: args, env });
    }
    const line = parseScript(head);
    if (line === undefined) return new LoadError(ENOEXEC, `${target} has no interpreter in its first line`);
    const argument = line.argument === undefined ? [] : [line.argument];
    args = [line.interpreter, ...argument, target, ...args.slice(1)];
    target = line.interpreter;
  }
  return new LoadError(ELOOP, `${path}: its interpreters are scripts, one within the other, without an end`);
}

/** Loads a prepared program into an empty address space, which becomes ready to run it. */
export function startProgram(process: Process, mm: AddressSpace, plan: ProgramPlan): 0 | LoadError {
  const start = mapProgram(process, mm, plan);
  if (start instanceof LoadError) return start;
  const { i64, i32 } = mm.memory;
  i64.fill(0n, HART.x / 8, HART.fflags / 8);
  i32.fill(0, HART.fflags / 4, HART.reserved / 4);
  i64[HART.x / 8 + 2] = BigInt(start.sp);
  i64[HART.pc / 8] = BigInt(start.entry);
  process.name = plan.path.slice(plan.path.lastIndexOf("/") + 1).slice(0, 15) as ByteString;
  process.executable = plan.program.file.path;
  return 0;
}

/**
 * Replaces the program of a task's process: what execve(2) does behind its argument copying. On success the registers
 * are those of the new program's first instruction, and the handler answers REGISTERS_SET. Until all is mapped the old
 * program stays whole.
 */
export function* execute(task: Task, request: ExecRequest): Blocking<LoadError | 0> {
  const { process, kernel } = task;
  const plan = yield* prepareProgram(process, request);
  if (plan instanceof Errno || plan instanceof LoadError) return plan;
  const mm = kernel.createAddressSpace(process);
  const { name, executable } = process;
  const started = startProgram(process, mm, plan);
  if (started !== 0) {
    process.name = name;
    process.executable = executable;
    kernel.releaseLater(mm);
    return started;
  }
  for (const other of process.tasks) if (other !== task) kernel.exitTask(other, 0);
  for (const hook of kernel.extensions(onTaskExit)) hook(task);
  if (task.tid !== (process.pid as number)) kernel.promote(task);
  task.name = process.name;
  const old = process.mm;
  process.mm = mm;
  mm.users++;
  mm.adopt(task);
  old.forget(task);
  if (--old.users === 0) kernel.releaseLater(old);
  process.execSlots();
  task.execSlots();
  for (const hook of kernel.extensions(onExec)) hook(task);
  task.workPending = true;
  return 0;
}

function* prepareElf(
  process: Process,
  file: ExecutableFile,
  { path, argv, env }: Pick<ProgramPlan, "path" | "argv" | "env">,
): Blocking<ProgramPlan | LoadError> {
  const image = parseElf(source(file, path), "program");
  if (image instanceof LoadError) return image;
  const plan = { path, argv, env, program: { file, image } };
  if (image.interpreter === undefined) return { ...plan, interpreter: undefined };

  const linker = yield* open(process, image.interpreter);
  if (linker instanceof Errno) return missingInterpreter(path, image.interpreter, linker);
  const linkerImage = parseElf(source(linker, image.interpreter), "interpreter");
  if (linkerImage instanceof LoadError) return linkerImage;
  return { ...plan, interpreter: { file: linker, image: linkerImage } };
}

function* open(process: Process, path: ByteString, at?: ExecAt): Blocking<ExecutableFile> {
  const opener = process.kernel.extensions(executableOpener)[0];
  if (opener === undefined) return ENOSYS;
  const answer = opener(process, path, at);
  return isBlocking(answer) ? yield* answer : answer;
}

function source(file: ExecutableFile, name: ByteString): ElfSource {
  return {
    name,
    size: file.size,
    read(offset, length) {
      if (offset > file.size) return undefined;
      const bytes = new Uint8Array(Math.min(length, file.size - offset));
      const got = file.read(offset, bytes);
      return got instanceof Errno ? undefined : bytes.slice(0, got);
    },
  };
}

function openError(path: ByteString, errno: Errno): LoadError {
  const cure =
    errno === ENOENT
      ? undefined
      : errno === EACCES
        ? "It must be a regular file with its execute permission set (chmod +x)."
        : errno === ENOSYS
          ? "This image has no filesystem: add the library vfs."
          : undefined;
  return new LoadError(errno, `${path}: ${errno.text}`, cure);
}

function missingInterpreter(path: ByteString, interpreter: ByteString, errno: Errno): LoadError {
  return new LoadError(
    errno,
    `${path} needs the interpreter ${interpreter}: ${errno.text}`,
    errno === ENOENT ? "Give it a root filesystem that holds it, or link the program statically." : undefined,
  );
}
