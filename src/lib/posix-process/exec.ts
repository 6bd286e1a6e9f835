/** execve(2) and execveat(2): another program in the same process. What each library keeps follows its slots' rules. */
import { E2BIG, EINVAL, ENAMETOOLONG, ENOENT, Errno, type Result } from "../../abi/errno.ts";
import { AT, AT_FDCWD } from "../../abi/fcntl.ts";
import { PATH_MAX } from "../../abi/limits.ts";
import type { GuestPtr } from "../../abi/types.ts";
import type { ByteString } from "../../base/bytes.ts";
import { type ExecRequest, execute } from "../../kernel/loader/exec.ts";
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
  readonly opened: ExecRequest["opened"];
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
    return path === "" ? ENOENT : replaceProgram(task, { path, opened: undefined, argv, env });
  },
  restart: replaceProgram,
});

export const execveat = syscall({
  name: "execveat",
  args: [dirFdArg, arg.path, stringListIn, environmentArg, arg.flags(AT, "AT_")],
  support: "full",
  run(task, dirFd, pathAt, argv, env, flags) {
    const path = task.mm.readCString(pathAt, PATH_MAX);
    if (path instanceof Errno) return path;
    if (path === "" && (flags & AT.EMPTY_PATH) === 0) return ENOENT;
    if ((flags & ~(AT.EMPTY_PATH | AT.SYMLINK_NOFOLLOW)) !== 0) return EINVAL;
    const opened = { path, at: { dirFd, flags } };
    // What a script's interpreter is told to open (alloc_bprm).
    const byDescriptor = dirFd !== AT_FDCWD && !path.startsWith("/");
    const named = byDescriptor ? (`/dev/fd/${dirFd}${path === "" ? "" : `/${path}`}` as ByteString) : path;
    return replaceProgram(task, { path: named, opened, argv, env });
  },
  restart: replaceProgram,
});

function* replaceProgram(task: Task, state: ExecState): Blocking {
  task.restart = state;
  const strings = () => {
    const argv = readStrings(task, state.argv);
    if (argv instanceof Errno) return argv;
    const env = readStrings(task, state.env);
    return env instanceof Errno ? env : { argv, env };
  };
  const failed = yield* execute(task, { ...state, strings });
  if (failed === 0) return REGISTERS_SET;
  return failed instanceof Errno ? failed : failed.errno;
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
