/** riscv_hwprobe(2): what the processor can do (Documentation/arch/riscv/hwprobe.rst; arch/riscv/kernel/sys_hwprobe.c). */
import { EFAULT, EINVAL, Errno, type Result } from "../../abi/errno.ts";
import {
  HWPROBE_BASE_BEHAVIOR_IMA,
  HWPROBE_EXT,
  HWPROBE_KEY,
  HWPROBE_MISALIGNED,
  HWPROBE_WHICH_CPUS,
  type HwprobePair,
  hwprobePair,
} from "../../abi/riscv64/hwprobe.ts";
import { NSEC_PER_SEC } from "../../abi/time.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { LAYOUT } from "../../machine/memory.ts";

/** Keys whose values are sets of bits: a processor that has more than is asked for fits too. */
const BITMASKS: ReadonlySet<number> = new Set([
  HWPROBE_KEY.BASE_BEHAVIOR,
  HWPROBE_KEY.IMA_EXT_0,
  HWPROBE_KEY.CPUPERF_0,
]);

const { FD, C, ZBA, ZBB, ZBS, ZICOND } = HWPROBE_EXT;

/** The `time` counter ticks in nanoseconds. */
const VALUES: ReadonlyMap<number, bigint> = new Map([
  [HWPROBE_KEY.MVENDORID, 0n],
  [HWPROBE_KEY.MARCHID, 0n],
  [HWPROBE_KEY.MIMPID, 0n],
  [HWPROBE_KEY.BASE_BEHAVIOR, HWPROBE_BASE_BEHAVIOR_IMA],
  [HWPROBE_KEY.IMA_EXT_0, FD | C | ZBA | ZBB | ZBS | ZICOND],
  [HWPROBE_KEY.CPUPERF_0, HWPROBE_MISALIGNED.FAST],
  [HWPROBE_KEY.ZICBOZ_BLOCK_SIZE, 0n],
  [HWPROBE_KEY.HIGHEST_VIRT_ADDRESS, BigInt(LAYOUT.end) - 1n],
  [HWPROBE_KEY.TIME_CSR_FREQ, BigInt(NSEC_PER_SEC)],
  [HWPROBE_KEY.MISALIGNED_SCALAR_PERF, HWPROBE_MISALIGNED.FAST],
]);

const UNKNOWN_KEY = -1;

export const riscvHwprobe = syscall({
  name: "riscv_hwprobe",
  args: [arg.ptr<HwprobePair>(), arg.u64, arg.u64, arg.ptr<"cpu_set_t">(), arg.u32],
  support: "full",
  run(task, pairs, pairCount, cpuSetSize, cpus, flags) {
    if (flags === HWPROBE_WHICH_CPUS) return whichCpus(task, pairs, pairCount, cpuSetSize, cpus);
    if (flags !== 0) return EINVAL;
    const chosen = readCpus(task, cpuSetSize, cpus);
    if (chosen instanceof Errno) return chosen;
    return eachPair(task, pairs, pairCount, ({ key }) => answer(key));
  },
});

/** The value of a key; an unknown one is marked by the key -1, and the call still succeeds. */
function answer(key: number): HwprobePair {
  const value = VALUES.get(key);
  return value === undefined ? { key: UNKNOWN_KEY, value: 0n } : { key, value };
}

/** Whether processor 0 is among those asked about: no set means all, and a set without any that runs is an error. */
function readCpus(task: Task, size: number, at: GuestPtr): Result<0> {
  if (size === 0 && at === 0) return 0;
  const mask = task.mm.read(at, Math.min(size, 8));
  if (mask instanceof Errno) return EFAULT;
  return ((mask[0] ?? 0) & 1) === 1 ? 0 : EINVAL;
}

/** Leaves in the set the processors that have all the values: processor 0, or none. */
function whichCpus(task: Task, pairs: GuestPtr, count: number, size: number, at: GuestPtr): Result<number> {
  if (size === 0 || at === 0) return EINVAL;
  const mask = task.mm.read(at, Math.min(size, 8));
  if (mask instanceof Errno) return EFAULT;
  // An empty set stands for all processors.
  const asked = mask.every((byte) => byte === 0) || ((mask[0] ?? 0) & 1) === 1;
  let fits = asked;
  const looked = eachPair(task, pairs, count, (pair) => {
    const found = answer(pair.key);
    const same = BITMASKS.has(pair.key) ? (found.value & pair.value) === pair.value : found.value === pair.value;
    if (found.key === UNKNOWN_KEY || !same) fits = false;
    return { key: found.key, value: found.key === UNKNOWN_KEY ? 0n : pair.value };
  });
  if (looked instanceof Errno) return looked;
  const result = new Uint8Array(mask.length);
  if (fits) result[0] = 1;
  return task.mm.write(at, result) instanceof Errno ? EFAULT : 0;
}

function eachPair(task: Task, at: GuestPtr, count: number, change: (pair: HwprobePair) => HwprobePair): Result<number> {
  for (let i = 0; i < count; i++) {
    const place = at + i * hwprobePair.size;
    const pair = task.mm.readStruct(place, hwprobePair);
    if (pair instanceof Errno) return EFAULT;
    if (task.mm.writeStruct(place, hwprobePair, change(pair)) instanceof Errno) return EFAULT;
  }
  return 0;
}
