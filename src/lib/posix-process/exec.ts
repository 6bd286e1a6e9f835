/** execve(2) and execveat(2): another program in the same process. What each library keeps follows its slots' rules. */
import { E2BIG, EINVAL, ENAMETOOLONG, ENOENT, Errno, type Result } from "../../abi/errno.ts";
import { AT, AT_FDCWD } from "../../abi/fcntl.ts";
import { PATH_MAX } from "../../abi/limits.ts";
import type { GuestPtr } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import { execute } from "../../kernel/loader/exec.ts";
import { stringListIn } from "../../kernel/struct-arg.ts";
import { type Arg, arg, REGISTERS_SET, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Blocking } from "../../kernel/wait.ts";

/** Bytes of one string with its NUL (MAX_ARG_STRLEN), and of all of them with their pointers. */
const STRING_BYTES = 128 * 1024;
const ALL_STRINGS_BYTES = 2 * 1024 * 1024;
const POINTER_BYTES = 8;

const dirFdArg: Arg<number> = { decode: arg.i32.decode, format: (fd) => (fd === AT_FDCWD ? "AT_FDCWD" : `${fd}`) };

/** The environment is long and seldom of interest: strace prints where it is, and of how many variables. */
const environmentArg: Arg<GuestPtr> = {
  decode: arg.ptr().decode,
  format(at, context) {
    if (at === 0) return "NULL";
    const count = readPointers(context.task, at);
    const shown = arg.ptr().format(at, context);
    return count instanceof Errno ? shown : `${shown} /* ${count.length} var${count.length === 1 ? "" : "s"} */`;
  },
};

/** What a call that sleeps goes on from: it starts over, since nothing of the old program is gone before it succeeds. */
interface ExecState {
  readonly path: ByteString;
  readonly argv: GuestPtr;
  readonly env: GuestPtr;
}

export const execve = syscall({
  name: "execve",
  args: [arg.path, stringListIn, environmentArg],
  support: "full",
  run(task, pathAt, argv, env) {
    const path = task.mm.readCString(pathAt, PATH_MAX);
    if (path instanceof Errno) return path;
    return path === "" ? ENOENT : replaceProgram(task, { path, argv, env });
  },
  restart: replaceProgram,
});

export const execveat = syscall({
  name: "execveat",
  args: [dirFdArg, arg.path, stringListIn, environmentArg, arg.flags(AT, "AT_")],
  support: { partial: "a path relative to a descriptor is found through /proc; no AT_SYMLINK_NOFOLLOW" },
  run(task, dirFd, pathAt, argv, env, flags) {
    if ((flags & ~AT.EMPTY_PATH) !== 0) return EINVAL;
    const path = task.mm.readCString(pathAt, PATH_MAX);
    if (path instanceof Errno) return path;
    if (path === "" && flags === 0) return ENOENT;
    if (dirFd === AT_FDCWD || path.startsWith("/")) return replaceProgram(task, { path, argv, env });
    const directory = `/proc/self/fd/${dirFd}`;
    const named = (path === "" ? directory : `${directory}/${path}`) as ByteString;
    return replaceProgram(task, { path: named, argv, env });
  },
  restart: replaceProgram,
});

function* replaceProgram(task: Task, state: ExecState): Blocking {
  task.restart = state;
  const argv = readStrings(task, state.argv);
  if (argv instanceof Errno) return argv;
  const env = readStrings(task, state.env);
  if (env instanceof Errno) return env;
  // A program may count on argv[0]: an empty list becomes one of an empty string (Linux 5.18).
  const failed = yield* execute(task, state.path, argv.length === 0 ? ["" as ByteString] : argv, env);
  if (failed instanceof Errno) return failed;
  return failed === 0 ? REGISTERS_SET : failed.errno;
}

function readStrings(task: Task, list: GuestPtr): Result<readonly ByteString[]> {
  const pointers = list === 0 ? [] : readPointers(task, list);
  if (pointers instanceof Errno) return pointers;
  const strings: ByteString[] = [];
  let bytes = 0;
  for (const pointer of pointers) {
    const text = task.mm.readCString(pointer, STRING_BYTES);
    if (text instanceof Errno) return text === ENAMETOOLONG ? E2BIG : text;
    bytes += text.length + 1 + POINTER_BYTES;
    if (bytes > ALL_STRINGS_BYTES) return E2BIG;
    strings.push(text);
  }
  return strings;
}

function readPointers(task: Task, list: GuestPtr): Result<readonly GuestPtr<"char">[]> {
  const pointers: GuestPtr<"char">[] = [];
  for (;;) {
    const pointer = task.mm.readU64(list + POINTER_BYTES * pointers.length);
    if (pointer instanceof Errno) return pointer;
    if (pointer === 0) return pointers;
    if (pointers.push(pointer) * POINTER_BYTES > ALL_STRINGS_BYTES) return E2BIG;
  }
}
