/** capget(2) and capset(2): Linux kernel/capability.c and cap_capset() of security/commoncap.c. */
import { CAP, LINUX_CAPABILITY_VERSION } from "../../abi/capability.ts";
import { EINVAL, EPERM, Errno, ESRCH, type Result } from "../../abi/errno.ts";
import { capData, capHeader } from "../../abi/riscv64/capability.ts";
import type { GuestPtr, Tid } from "../../abi/types.ts";
import { array, type StructOf } from "../../base/struct.ts";
import { formatFields, structIn } from "../../kernel/struct-arg.ts";
import { arg, syscall } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Capabilities } from "./capabilities.ts";
import { changeCredentials, credentialsOf, hasCapability } from "./credentials.ts";

const headerArg = structIn(capHeader, ({ version, pid }) =>
  formatFields({ version: `0x${version.toString(16)}`, pid }),
);

export const capget = syscall({
  name: "capget",
  args: [headerArg, arg.ptr<"cap_user_data_t">()],
  support: "full",
  run(task, header, data) {
    const request = readHeader(task, header);
    // Asking with a NULL data pointer for the version to use is no error.
    if (request instanceof Errno) return data === 0 && request === EINVAL ? 0 : request;
    const { pid, halves } = request;
    if (pid < 0) return EINVAL;
    const target = pid === 0 ? task : task.kernel.taskNamed(pid as Tid);
    if (target === undefined) return ESRCH;
    if (data === 0) return 0;
    return task.mm.writeStruct(data as number, array(capData, halves), split(credentialsOf(target.process)));
  },
});

export const capset = syscall({
  name: "capset",
  args: [headerArg, arg.ptr<"cap_user_data_t">()],
  support: "full",
  run(task, header, data) {
    const request = readHeader(task, header);
    if (request instanceof Errno) return request;
    if (request.pid !== 0 && request.pid !== task.tid) return EPERM;
    const wanted = task.mm.readStruct(data as number, array(capData, request.halves));
    if (wanted instanceof Errno) return wanted;
    return change(task, join(wanted, "effective"), join(wanted, "permitted"), join(wanted, "inheritable"));
  },
});

/** Raises nothing beyond what is permitted, and nothing inheritable beyond what the bounding set leaves. */
function change(
  task: Task,
  effective: Capabilities,
  permitted: Capabilities,
  inheritable: Capabilities,
): Result<number> {
  const old = credentialsOf(task.process);
  const raisesInheritable = (inheritable & ~(old.inheritable | old.permitted)) !== 0n;
  if (raisesInheritable && !hasCapability(task.process, CAP.SETPCAP)) return EPERM;
  if ((inheritable & ~(old.inheritable | old.bounding)) !== 0n) return EPERM;
  if ((permitted & ~old.permitted) !== 0n) return EPERM;
  if ((effective & ~permitted) !== 0n) return EPERM;
  const ambient = old.ambient & permitted & inheritable;
  changeCredentials(task.process, { effective, permitted, inheritable, ambient });
  return 0;
}

interface Request {
  readonly pid: number;
  /** How many structs of 32 capabilities each the version has. */
  readonly halves: 1 | 2;
}

/** An unknown version is answered with EINVAL, and the one to use is put in its place. */
function readHeader(task: Task, at: GuestPtr): Result<Request> {
  const header = task.mm.readStruct(at as GuestPtr<StructOf<typeof capHeader>>, capHeader);
  if (header instanceof Errno) return header;
  switch (header.version) {
    case LINUX_CAPABILITY_VERSION.V1:
      return { pid: header.pid, halves: 1 };
    case LINUX_CAPABILITY_VERSION.V2:
    case LINUX_CAPABILITY_VERSION.V3:
      return { pid: header.pid, halves: 2 };
    default: {
      const written = task.mm.writeU32(at, LINUX_CAPABILITY_VERSION.V3);
      return written instanceof Errno ? written : EINVAL;
    }
  }
}

type Kinds = "effective" | "permitted" | "inheritable";

function split(sets: Readonly<Record<Kinds, Capabilities>>): readonly StructOf<typeof capData>[] {
  return [0n, 32n].map((shift) => ({
    effective: Number((sets.effective >> shift) & 0xffff_ffffn),
    permitted: Number((sets.permitted >> shift) & 0xffff_ffffn),
    inheritable: Number((sets.inheritable >> shift) & 0xffff_ffffn),
  }));
}

function join(halves: readonly StructOf<typeof capData>[], kind: Kinds): Capabilities {
  return halves.reduce((set, half, index) => set | (BigInt(half[kind]) << BigInt(32 * index)), 0n);
}
