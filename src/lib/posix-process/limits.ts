/** Resource limits: prlimit64(2) and the older calls (do_prlimit of Linux kernel/sys.c). */
import { CAP } from "../../abi/capability.ts";
import { EINVAL, EPERM, Errno, ESRCH, type Result } from "../../abi/errno.ts";
import { RLIM_NLIMITS, RLIMIT } from "../../abi/resource.ts";
import { type Rlimit, rlimit } from "../../abi/riscv64/resource.ts";
import { ExtensionPoint } from "../../kernel/library.ts";
import type { Process } from "../../kernel/process.ts";
import { perProcess } from "../../kernel/slot-kinds.ts";
import { formatFields, structIn, structOut } from "../../kernel/struct-arg.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import { credentialsOf, hasCapability } from "../posix-user/index.ts";

const MIB = 1024 * 1024;
const UNLIMITED: Rlimit = { current: Number.POSITIVE_INFINITY, maximum: Number.POSITIVE_INFINITY };

/** What a login on Debian has; descriptors and processes are those that the machine was given. */
function initialLimits({ kernel: { limits } }: Process): Rlimit[] {
  const initial: Rlimit[] = Array.from({ length: RLIM_NLIMITS }, () => UNLIMITED);
  initial[RLIMIT.STACK] = { current: 8 * MIB, maximum: Number.POSITIVE_INFINITY };
  initial[RLIMIT.CORE] = { current: 0, maximum: Number.POSITIVE_INFINITY };
  initial[RLIMIT.NPROC] = { current: limits.processes, maximum: limits.processes };
  initial[RLIMIT.NOFILE] = { current: Math.min(1024, limits.fds), maximum: limits.fds };
  initial[RLIMIT.MEMLOCK] = { current: 8 * MIB, maximum: 8 * MIB };
  initial[RLIMIT.SIGPENDING] = { current: 8192, maximum: 8192 };
  initial[RLIMIT.MSGQUEUE] = { current: 819200, maximum: 819200 };
  initial[RLIMIT.NICE] = { current: 0, maximum: 0 };
  initial[RLIMIT.RTPRIO] = { current: 0, maximum: 0 };
  return initial;
}

const slot = perProcess<Rlimit[]>({ create: initialLimits, fork: (parent) => [...parent] });

/** The soft limit; Infinity if there is none. */
export function softLimit(process: Process, resource: number): number {
  return process.get(slot)[resource]?.current ?? Number.POSITIVE_INFINITY;
}

/** Both limits of a resource that exists. */
export function limitOf(process: Process, resource: number): Rlimit {
  return process.get(slot)[resource] ?? UNLIMITED;
}

/** Tells that a limit was changed, to libraries that must act on it at once. */
export const onLimitChange = new ExtensionPoint<(process: Process, resource: number) => void>("onLimitChange");

function exchange(process: Process, caller: Process, resource: number, wanted: Rlimit | undefined): Result<Rlimit> {
  const limits = process.get(slot);
  const old = limits[resource];
  if (old === undefined) return EINVAL;
  if (wanted === undefined) return old;
  if (wanted.current > wanted.maximum) return EINVAL;
  if (resource === RLIMIT.NOFILE && wanted.maximum > process.kernel.limits.fds) return EPERM;
  if (wanted.maximum > old.maximum && !hasCapability(caller, CAP.SYS_RESOURCE)) return EPERM;
  limits[resource] = wanted;
  for (const changed of process.kernel.extensions(onLimitChange)) changed(process, resource);
  return old;
}

const resourceArg = arg.name(RLIMIT, "RLIMIT_");

function formatLimit({ current, maximum }: Rlimit): string {
  return formatFields({ rlim_cur: formatBound(current), rlim_max: formatBound(maximum) });
}

function formatBound(bound: number): string {
  if (bound === Number.POSITIVE_INFINITY) return "RLIM64_INFINITY";
  return bound > 1024 && bound % 1024 === 0 ? `${bound / 1024}*1024` : `${bound}`;
}

export const prlimit64 = syscall({
  name: "prlimit64",
  args: [arg.i32, resourceArg, structIn(rlimit, formatLimit), structOut(rlimit, formatLimit)],
  support: "full",
  run(task, pid, resource, wantedAt, oldAt) {
    const wanted = wantedAt === 0 ? undefined : task.mm.readStruct(wantedAt, rlimit);
    if (wanted instanceof Errno) return wanted;
    const target = pid === 0 ? task.process : task.kernel.processOf(pid);
    if (target === undefined) return ESRCH;
    if (!mayLimit(task.process, target)) return EPERM;
    const old = exchange(target, task.process, resource, wanted);
    if (old instanceof Errno) return old;
    return oldAt === 0 ? 0 : task.mm.writeStruct(oldAt, rlimit, old);
  },
});

/** check_prlimit_permission(): oneself, a process with the same real, effective and saved ids, or by capability. */
function mayLimit(caller: Process, target: Process): boolean {
  if (caller === target) return true;
  const own = credentialsOf(caller);
  const other = credentialsOf(target);
  const sameUser = [other.uid, other.euid, other.suid].every((id) => id === own.uid);
  const sameGroup = [other.gid, other.egid, other.sgid].every((id) => id === own.gid);
  return (sameUser && sameGroup) || hasCapability(caller, CAP.SYS_RESOURCE);
}

export const getrlimit = syscall({
  name: "getrlimit",
  args: [resourceArg, structOut(rlimit, formatLimit)],
  support: "full",
  run(task, resource, at) {
    const limit = exchange(task.process, task.process, resource, undefined);
    return limit instanceof Errno ? limit : task.mm.writeStruct(at, rlimit, limit);
  },
});

export const setrlimit = syscall({
  name: "setrlimit",
  args: [resourceArg, structIn(rlimit, formatLimit)],
  support: "full",
  run(task, resource, at) {
    const wanted = task.mm.readStruct(at, rlimit);
    if (wanted instanceof Errno) return wanted;
    const old = exchange(task.process, task.process, resource, wanted);
    return old instanceof Errno ? old : 0;
  },
});
