/** How calls of System V IPC take and print their arguments. */
import { IPC } from "../../abi/ipc.ts";
import { type Arg, arg, formatFlags } from "../../kernel/syscall.ts";

export const keyArg: Arg<number> = {
  decode: "i32",
  format: (key) => (key === IPC.PRIVATE ? "IPC_PRIVATE" : `0x${(key >>> 0).toString(16)}`),
};

const { PRIVATE: _, NOWAIT: __, ...MAKE } = IPC;

/** Flags of a *get call: those that all have, some of one kind, and permissions. */
export function makeFlagsArg(more: Readonly<Record<string, number>> = {}, prefix = ""): Arg<number> {
  return {
    decode: "i32",
    format(flags) {
      const bits = flags & ~0o777;
      const own = Object.values(more).reduce((sum, bit) => sum | bit, 0);
      const parts = [
        ...((bits & ~own) !== 0 ? [formatFlags(bits & ~own, MAKE, "IPC_")] : []),
        ...((bits & own) !== 0 ? [formatFlags(bits & own, more, prefix)] : []),
      ];
      const permissions = (flags & 0o777).toString(8);
      return [...parts, permissions === "0" ? "000" : `0${permissions}`].join("|");
    },
  };
}

/** A command of a *ctl call, by its whole name. */
export const commandArg = (commands: Readonly<Record<string, number>>): Arg<number> => arg.name(commands, "");
