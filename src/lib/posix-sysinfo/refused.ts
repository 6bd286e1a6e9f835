/** Calls on the machine as a whole, which no program of a guest has the privilege for. */
import { EPERM } from "../../abi/errno.ts";
import { arg, syscall } from "../../kernel/syscall.ts";

const REFUSED = { partial: "always refused: no capability of a machine allows it" } as const;

/** syslog(2): there is no kernel log to read. */
export const syslog = syscall({
  name: "syslog",
  args: [arg.i32, arg.ptr(), arg.i32],
  support: REFUSED,
  run: () => EPERM,
});

export const reboot = syscall({
  name: "reboot",
  args: [arg.u32, arg.u32, arg.u32, arg.ptr()],
  support: REFUSED,
  run: () => EPERM,
});
