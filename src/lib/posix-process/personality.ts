/** personality(2): which system's habits a program wants. */

import { EINVAL } from "../../abi/errno.ts";
import { PER_LINUX } from "../../abi/personality.ts";
import { perProcess } from "../../kernel/slot-kinds.ts";
import { syscall } from "../../kernel/syscall.ts";

/** Asks without setting. */
const QUERY = 0xffff_ffff;

/** Addresses are the same in every run, so that this flag (setarch -R) only asks for what is. */
const ADDR_NO_RANDOMIZE = 0x004_0000;

const slot = perProcess<{ current: number }>({
  create: () => ({ current: PER_LINUX }),
  fork: ({ current }) => ({ current }),
});

export const personality = syscall({
  name: "personality",
  args: [{ decode: "u32", format: (v: number) => `0x${v.toString(16)}` }],
  support: { partial: "PER_LINUX and ADDR_NO_RANDOMIZE" },
  run({ process }, persona) {
    const state = process.get(slot);
    const old = state.current;
    if (persona === QUERY) return old;
    if ((persona & ~ADDR_NO_RANDOMIZE) !== PER_LINUX) return EINVAL;
    state.current = persona;
    return old;
  },
});
