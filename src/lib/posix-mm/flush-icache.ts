/** riscv_flush_icache(2): what was written is to be executed. */
import { EINVAL } from "../../abi/errno.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import { LAYOUT } from "../../machine/memory.ts";
import { addressArg } from "./mm-args.ts";

/** SYS_RISCV_FLUSH_ICACHE_LOCAL: only for the calling thread, which is no less work here. */
const LOCAL = 1;

export const riscvFlushIcache = syscall({
  name: "riscv_flush_icache",
  args: [addressArg, addressArg, arg.u64],
  support: "full",
  run(task, start, end, flags) {
    if ((flags & ~LOCAL) !== 0) return EINVAL;
    // Linux looks at no addresses and flushes all: an empty range must not flush less than what was meant.
    if (start < end) task.mm.flushInstructions(start, Math.min(end, LAYOUT.end));
    else task.mm.flushInstructions(LAYOUT.mapMin, LAYOUT.end);
    return 0;
  },
});
