/** prctl(2): operations on the caller, one of many (Linux kernel/sys.c). */
import { EINVAL } from "../../abi/errno.ts";
import { PR } from "../../abi/prctl.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import { type Arg, arg, syscall } from "../../kernel/syscall.ts";
import { capabilityOptions } from "./prctl-capabilities.ts";
import { prctlOption } from "./prctl-option.ts";
import { processOptions } from "./prctl-process.ts";

const options = perKernel((kernel) => {
  const all = [...processOptions, ...capabilityOptions, ...kernel.extensions(prctlOption)];
  return new Map(all.map((known) => [known.option, known]));
});

const number: Arg<number> = { decode: arg.u64.decode, format: (v) => (v < 10 ? `${v}` : `0x${v.toString(16)}`) };

export const prctl = syscall({
  name: "prctl",
  args: [arg.name(PR, "PR_"), number, number, number, number],
  support: { partial: "names, dumpable, death signal, capabilities, no_new_privs, timer slack, subreaper" },
  run: (task, option, arg2, arg3, arg4, arg5) =>
    task.kernel.get(options).get(option)?.run(task, arg2, arg3, arg4, arg5) ?? EINVAL,
});
