/** sysinfo(2): the machine's memory and age. */
import { sysinfo as layout } from "../../abi/riscv64/sysinfo.ts";
import { NSEC_PER_SEC } from "../../abi/time.ts";
import { formatFields, structOut } from "../../kernel/struct-arg.ts";
import { syscall } from "../../kernel/syscall.ts";

export const sysinfo = syscall({
  name: "sysinfo",
  args: [
    structOut(layout, ({ uptime, totalram, freeram, procs }) =>
      formatFields({ uptime, totalram, freeram, procs, mem_unit: 1 }),
    ),
  ],
  support: { partial: "load averages are 0" },
  run(task, at) {
    const { kernel } = task;
    const committed = new Set([...kernel.processes.values()].map(({ mm }) => mm));
    const used = [...committed].reduce((sum, { usage }) => sum + usage.committed, 0);
    const totalram = kernel.limits.memoryBytes;
    return task.mm.writeStruct(at, layout, {
      uptime: Math.floor(kernel.now() / NSEC_PER_SEC),
      loads: [0, 0, 0],
      totalram,
      freeram: Math.max(totalram - used, 0),
      sharedram: 0,
      bufferram: 0,
      totalswap: 0,
      freeswap: 0,
      procs: kernel.tasks.size,
      pad: 0,
      totalhigh: 0,
      freehigh: 0,
      memUnit: 1,
    });
  },
});
