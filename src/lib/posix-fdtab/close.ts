/** close(2) and close_range(2). */
import { EBADF, EINVAL } from "../../abi/errno.ts";
import { CLOSE_RANGE } from "../../abi/fcntl.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import { fdArg } from "./arguments.ts";
import { closeDescriptor, fdTable } from "./fd-table.ts";

export const close = syscall({
  name: "close",
  args: [fdArg],
  support: "full",
  run({ process }, fd) {
    const entry = process.get(fdTable).remove(fd);
    if (entry === undefined) return EBADF;
    closeDescriptor(entry, process);
    return 0;
  },
});

export const closeRange = syscall({
  name: "close_range",
  args: [arg.u32, arg.u32, arg.flags(CLOSE_RANGE, "CLOSE_RANGE_")],
  // Tables are not shared between processes, so that CLOSE_RANGE_UNSHARE has nothing to part.
  support: "full",
  run({ process }, first, last, flags) {
    if (flags & ~(CLOSE_RANGE.UNSHARE | CLOSE_RANGE.CLOEXEC)) return EINVAL;
    if (first > last) return EINVAL;
    const table = process.get(fdTable);
    for (const [fd, entry] of table) {
      if (fd < first || fd > last) continue;
      if (flags & CLOSE_RANGE.CLOEXEC) entry.closeOnExec = true;
      else closeDescriptor(table.remove(fd)!, process);
    }
    return 0;
  },
});
