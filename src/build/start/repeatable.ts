/** Which system calls of a start can be made once more, in another machine, without anybody's noticing. */
import { F, O } from "../../abi/fcntl.ts";
import { IOCTL } from "../../abi/ioctl.ts";
import type { SyscallName } from "../../abi/riscv64/syscalls.ts";
import type { ByteString } from "../../base/bytes.ts";

/** Those that look, or change nothing but the process: not one of them sleeps on files of the image. */
const ALWAYS: ReadonlySet<SyscallName> = new Set<SyscallName>([
  "brk",
  "capget",
  "clock_getres",
  "clock_gettime",
  "close",
  "faccessat",
  "faccessat2",
  "fstat",
  "fstatfs",
  "getcwd",
  "getegid",
  "geteuid",
  "getgid",
  "getgroups",
  "getpgid",
  "getpid",
  "getppid",
  "getrandom",
  "getresgid",
  "getresuid",
  "getrlimit",
  "getrusage",
  "getsid",
  "gettid",
  "gettimeofday",
  "getuid",
  "lseek",
  "madvise",
  "membarrier",
  "mmap",
  "mprotect",
  "mremap",
  "munmap",
  "newfstatat",
  "prlimit64",
  "readlinkat",
  "riscv_hwprobe",
  "rseq",
  "rt_sigaction",
  "rt_sigprocmask",
  "sched_getaffinity",
  "sched_getparam",
  "sched_getscheduler",
  "set_robust_list",
  "set_tid_address",
  "sigaltstack",
  "statfs",
  "statx",
  "sysinfo",
  "times",
  "umask",
  "uname",
]);

/** Those that read a file, which must not be a stream of the host's. */
const READS: ReadonlySet<SyscallName> = new Set<SyscallName>(["getdents64", "pread64", "preadv", "read", "readv"]);

/** What answers with the time that it is, or with random bytes: what the program got then is what it goes on with. */
const FRESH: ReadonlySet<SyscallName> = new Set<SyscallName>([
  "clock_gettime",
  "getrandom",
  "getrusage",
  "gettimeofday",
  "sysinfo",
  "times",
]);

const LAST_STREAM = 2;
const WRITES = O.ACCMODE | O.CREAT | O.TRUNC;
const IOCTL_LOOKS: readonly number[] = [IOCTL.TCGETS, IOCTL.TIOCGWINSZ];
const FCNTL_LOOKS: readonly number[] = [F.GETFD, F.SETFD, F.GETFL];

/** Files that are no files of the image: devices, and ways to a process's descriptors. */
const OUTSIDE = /^\/(dev\/(?!null$|zero$)|proc\/(self|thread-self|\d+)\/(task\/\d+\/)?fd)/;

/** A call that is about to be made. */
export interface MadeCall {
  readonly name: string;
  /** Low words of its first arguments. */
  readonly first: number;
  readonly second: number;
  readonly third: number;
  /** What its second argument points to, if that is the name of a file to be opened. */
  readonly path: ByteString | undefined;
}

export function isRepeatable({ name, first, second, third, path }: MadeCall): boolean {
  const call = name as SyscallName;
  if (ALWAYS.has(call)) return true;
  if (READS.has(call)) return first > LAST_STREAM;
  if (call === "ioctl") return IOCTL_LOOKS.includes(second);
  if (call === "fcntl") return FCNTL_LOOKS.includes(second);
  return call === "openat" && path !== undefined && !OUTSIDE.test(path) && (third & WRITES) === 0;
}

/** Whether what a call answers may be another thing when it is made again. */
export function isFresh(name: string): boolean {
  return FRESH.has(name as SyscallName);
}
