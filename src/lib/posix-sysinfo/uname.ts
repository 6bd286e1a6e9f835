/** uname(2), sethostname(2) and setdomainname(2) (Linux kernel/sys.c). */
import { CAP } from "../../abi/capability.ts";
import { EINVAL, EPERM, Errno, type Result } from "../../abi/errno.ts";
import { UTS_LENGTH, type Utsname, utsname } from "../../abi/riscv64/sysinfo.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { type ByteString, byteString } from "../../base/bytes.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { perKernel } from "../../kernel/slot-kinds.ts";
import { formatFields, structOut } from "../../kernel/struct-arg.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import { hasCapability } from "../posix-user/index.ts";

/** The Linux whose system calls are followed: programs compare it with what they need. */
const RELEASE = "6.12.0-drupe";

const names = perKernel<{ host: ByteString; domain: ByteString }>(() => ({
  host: "drupe" as ByteString,
  domain: "(none)" as ByteString,
}));

/** What uname(2) tells of a machine. */
export function systemNames(kernel: Kernel): Utsname {
  const { host, domain } = kernel.get(names);
  return {
    sysname: "Linux" as ByteString,
    nodename: host,
    release: RELEASE as ByteString,
    version: "#1 Drupe" as ByteString,
    machine: "riscv64" as ByteString,
    domainname: domain,
  };
}

/** Names a machine, as its owner does from outside; at most 64 bytes count. */
export function setHostname(kernel: Kernel, name: ByteString): void {
  kernel.get(names).host = name.slice(0, UTS_LENGTH) as ByteString;
}

export const uname = syscall({
  name: "uname",
  args: [
    structOut(
      utsname,
      ({ sysname, nodename }) =>
        `${formatFields({ sysname: `"${sysname}"`, nodename: `"${nodename}"` }).slice(0, -1)}, ...}`,
    ),
  ],
  support: "full",
  run: (task, at) => task.mm.writeStruct(at, utsname, systemNames(task.kernel)),
});

export const sethostname = syscall({
  name: "sethostname",
  args: [arg.input(1), arg.i32],
  support: "full",
  run: (task, at, length) => rename(task, at, length, "host"),
});

export const setdomainname = syscall({
  name: "setdomainname",
  args: [arg.input(1), arg.i32],
  support: "full",
  run: (task, at, length) => rename(task, at, length, "domain"),
});

function rename(task: Task, at: GuestPtr, length: number, which: "host" | "domain"): Result<number> {
  if (!hasCapability(task.process, CAP.SYS_ADMIN)) return EPERM;
  if (length < 0 || length > UTS_LENGTH) return EINVAL;
  const bytes = task.mm.read(at, length);
  if (bytes instanceof Errno) return bytes;
  task.kernel.get(names)[which] = byteString(bytes);
  return 0;
}
