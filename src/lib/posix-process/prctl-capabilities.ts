/** Operations of prctl(2) on capabilities: cap_task_prctl() of Linux security/commoncap.c. */
import { CAP, CAP_LAST_CAP, type Capability, SECBIT } from "../../abi/capability.ts";
import { EINVAL, EPERM, type Result } from "../../abi/errno.ts";
import { PR, PR_CAP_AMBIENT } from "../../abi/prctl.ts";
import type { Process } from "../../kernel/process.ts";
import { changeCredentials, credentialsOf, hasCapability, includesCapability } from "../posix-user/index.ts";
import type { PrctlOption } from "./prctl-option.ts";

const isCapability = (value: number): value is Capability => value <= CAP_LAST_CAP;
const flag = (on: boolean): number => (on ? 1 : 0);

export const capabilityOptions: readonly PrctlOption[] = [
  {
    option: PR.CAPBSET_READ,
    run({ process }, capability) {
      if (!isCapability(capability)) return EINVAL;
      return flag(includesCapability(credentialsOf(process).bounding, capability));
    },
  },
  {
    option: PR.CAPBSET_DROP,
    run({ process }, capability) {
      if (!hasCapability(process, CAP.SETPCAP)) return EPERM;
      if (!isCapability(capability)) return EINVAL;
      changeCredentials(process, { bounding: credentialsOf(process).bounding & ~(1n << BigInt(capability)) });
      return 0;
    },
  },
  { option: PR.GET_KEEPCAPS, run: ({ process }) => flag(credentialsOf(process).keepCapabilities) },
  {
    option: PR.SET_KEEPCAPS,
    run({ process }, value) {
      if (value > 1) return EINVAL;
      changeCredentials(process, { keepCapabilities: value === 1 });
      return 0;
    },
  },
  {
    option: PR.GET_SECUREBITS,
    run: ({ process }) => (credentialsOf(process).keepCapabilities ? SECBIT.KEEP_CAPS : 0),
  },
  {
    option: PR.SET_SECUREBITS,
    run({ process }, bits) {
      if ((bits & ~SECBIT.KEEP_CAPS) !== 0 || !hasCapability(process, CAP.SETPCAP)) return EPERM;
      changeCredentials(process, { keepCapabilities: bits !== 0 });
      return 0;
    },
  },
  {
    option: PR.CAP_AMBIENT,
    run: ({ process }, command, capability, arg4, arg5) =>
      arg4 !== 0 || arg5 !== 0 ? EINVAL : changeAmbient(process, command, capability),
  },
];

function changeAmbient(process: Process, command: number, capability: number): Result<number> {
  const { ambient, permitted, inheritable } = credentialsOf(process);
  if (command === PR_CAP_AMBIENT.CLEAR_ALL) {
    if (capability !== 0) return EINVAL;
    changeCredentials(process, { ambient: 0n });
    return 0;
  }
  if (!isCapability(capability)) return EINVAL;
  const bit = 1n << BigInt(capability);
  switch (command) {
    case PR_CAP_AMBIENT.IS_SET:
      return flag((ambient & bit) !== 0n);
    case PR_CAP_AMBIENT.RAISE:
      if ((permitted & inheritable & bit) === 0n) return EPERM;
      changeCredentials(process, { ambient: ambient | bit });
      return 0;
    case PR_CAP_AMBIENT.LOWER:
      changeCredentials(process, { ambient: ambient & ~bit });
      return 0;
    default:
      return EINVAL;
  }
}
