/** getrandom(2) (Linux drivers/char/random.c). */
import { EFAULT, EINVAL, Errno } from "../../abi/errno.ts";
import { MAX_RW_COUNT } from "../../abi/limits.ts";
import { GRND } from "../../abi/random.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";

/** Hosts fill no shared memory, and bound how much they fill at once (65,536 bytes in browsers). */
const CHUNK_BYTES = 65_536;
/** What is given whole or not at all; beyond it a pending signal ends the call early. */
const ATOMIC_BYTES = 4096;

/** The host's source is always seeded, so that nothing is ever waited for and GRND_NONBLOCK changes nothing. */
export const getrandom = syscall({
  name: "getrandom",
  args: [arg.output, arg.u64, arg.flags(GRND, "GRND_")],
  support: "full",
  run(task, at, length, flags) {
    if ((flags & ~(GRND.NONBLOCK | GRND.RANDOM | GRND.INSECURE)) !== 0) return EINVAL;
    if ((flags & (GRND.RANDOM | GRND.INSECURE)) === (GRND.RANDOM | GRND.INSECURE)) return EINVAL;
    return fill(task, at, Math.min(length, MAX_RW_COUNT));
  },
});

function fill(task: Task, at: GuestPtr<"bytes">, length: number) {
  const chunk = new Uint8Array(Math.min(length, CHUNK_BYTES));
  for (let done = 0; done < length; ) {
    if (done >= ATOMIC_BYTES && task.workPending) return done;
    const part = chunk.subarray(0, length - done);
    task.kernel.host.entropy.fill(part);
    const written = task.mm.write(at + done, part);
    if (written instanceof Errno) return done > 0 ? done : EFAULT;
    done += part.length;
  }
  return length;
}
