/** sched_setattr(2) and sched_getattr(2) (Linux kernel/sched/syscalls.c). */
import { E2BIG, EINVAL, EOPNOTSUPP, Errno, type Result } from "../../abi/errno.ts";
import { SCHED_ATTR_FIRST_SIZE, type SchedAttr, schedAttr } from "../../abi/riscv64/sched.ts";
import { SCHED_FLAG } from "../../abi/sched.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { formatFields, structIn, structOut } from "../../kernel/struct-arg.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { PAGE_SIZE } from "../../machine/memory.ts";
import { scheduling } from "./effective-priority.ts";
import { isRealTime, NO_DEADLINES, policyArg, setScheduling, taskNamed } from "./policy.ts";
import { clampNice } from "./priority.ts";

const print = ({ policy, flags, nice, priority }: SchedAttr): string =>
  formatFields({
    sched_policy: policyArg.format(policy, undefined as never),
    sched_flags: flags,
    sched_nice: nice,
    sched_priority: priority,
  });

const KNOWN_FLAGS = Object.values(SCHED_FLAG).reduce((all, flag) => all | flag, 0);
const UTIL_CLAMP = SCHED_FLAG.UTIL_CLAMP_MIN | SCHED_FLAG.UTIL_CLAMP_MAX;

export const schedSetattr = syscall({
  name: "sched_setattr",
  args: [arg.i32, structIn(schedAttr, print), arg.u32],
  support: { partial: `${NO_DEADLINES.partial}; no utilization clamps; sched_runtime of a fair task is ignored` },
  run(task, pid, at, flags) {
    if (at === 0 || pid < 0 || flags !== 0) return EINVAL;
    const attr = readAttributes(task, at);
    if (attr instanceof Errno) return attr;
    if ((attr.policy | 0) < 0) return EINVAL;
    const target = taskNamed(task, pid);
    if (target instanceof Errno) return target;
    return setAttributes(task, target, attr);
  },
});

/** sched_copy_attr: a size of 0 is the first version's; one that is not right is told to the caller. */
function readAttributes(task: Task, at: GuestPtr<SchedAttr>): Result<SchedAttr> {
  const given = task.mm.readU32(at);
  if (given instanceof Errno) return given;
  const size = given === 0 ? SCHED_ATTR_FIRST_SIZE : given;
  const bytes = size < SCHED_ATTR_FIRST_SIZE || size > PAGE_SIZE ? E2BIG : task.mm.read(at as GuestPtr, size);
  if (bytes === E2BIG || (!(bytes instanceof Errno) && bytes.subarray(schedAttr.size).some((byte) => byte !== 0))) {
    task.mm.writeU32(at, schedAttr.size);
    return E2BIG;
  }
  if (bytes instanceof Errno) return bytes;
  const whole = new Uint8Array(schedAttr.size);
  whole.set(bytes.subarray(0, schedAttr.size));
  const attr = schedAttr.read(new DataView(whole.buffer), 0);
  if ((attr.flags & UTIL_CLAMP) !== 0 && size < schedAttr.size) return EINVAL;
  return attr;
}

function setAttributes(task: Task, target: Task, attr: SchedAttr): Result<number> {
  const before = target.get(scheduling);
  const keeps = (flag: number): boolean => (attr.flags & flag) !== 0;
  const policy = keeps(SCHED_FLAG.KEEP_POLICY) ? before.policy : attr.policy;
  if (attr.flags > KNOWN_FLAGS) return EINVAL;
  if (keeps(UTIL_CLAMP)) return EOPNOTSUPP;
  const keepsParams = keeps(SCHED_FLAG.KEEP_PARAMS);
  const nice = keepsParams || isRealTime(policy) ? undefined : clampNice(attr.nice);
  return setScheduling(task, target, {
    policy,
    resetOnFork: keeps(SCHED_FLAG.KEEP_POLICY) ? before.resetOnFork : keeps(SCHED_FLAG.RESET_ON_FORK),
    realTime: keepsParams ? before.realTime : attr.priority,
    ...(nice === undefined ? {} : { nice }),
  });
}

export const schedGetattr = syscall({
  name: "sched_getattr",
  args: [arg.i32, structOut(schedAttr, print), arg.u32, arg.u32],
  support: "full",
  run(task, pid, at, size, flags) {
    if (at === 0 || pid < 0 || size < SCHED_ATTR_FIRST_SIZE || size > PAGE_SIZE || flags !== 0) return EINVAL;
    const target = taskNamed(task, pid);
    if (target instanceof Errno) return target;
    const bytes = new Uint8Array(size);
    const known = new Uint8Array(schedAttr.size);
    schedAttr.write(new DataView(known.buffer), 0, attributesOf(target, Math.min(size, schedAttr.size)));
    bytes.set(known.subarray(0, size));
    return task.mm.write(at as GuestPtr, bytes);
  },
});

function attributesOf(target: Task, size: number): SchedAttr {
  const { policy, nice, realTime, resetOnFork } = target.get(scheduling);
  return {
    size,
    policy,
    flags: resetOnFork ? SCHED_FLAG.RESET_ON_FORK : 0,
    nice: isRealTime(policy) ? 0 : nice,
    priority: realTime,
    runtime: 0,
    deadline: 0,
    period: 0,
    utilMin: 0,
    utilMax: 0,
  };
}
