import { CAP, type Capability } from "../../abi/capability.ts";

/** A set of capabilities (capabilities(7)): bit n stands for capability n. */
export type Capabilities = bigint;

export const NO_CAPABILITIES: Capabilities = 0n;

export function capabilitySet(capabilities: Iterable<number>): Capabilities {
  let set = 0n;
  for (const capability of capabilities) set |= 1n << BigInt(capability);
  return set;
}

export function includesCapability(set: Capabilities, capability: Capability): boolean {
  return ((set >> BigInt(capability)) & 1n) === 1n;
}

/** Powers over things that a machine of Drupe does not have: its clock is the host's, it cannot reboot or load modules. */
const ABSENT: readonly Capability[] = [
  CAP.SYS_TIME,
  CAP.SYS_BOOT,
  CAP.SYS_MODULE,
  CAP.SYS_RAWIO,
  CAP.SYS_PACCT,
  CAP.SYSLOG,
  CAP.WAKE_ALARM,
  CAP.BLOCK_SUSPEND,
  CAP.AUDIT_CONTROL,
  CAP.AUDIT_READ,
  CAP.MAC_ADMIN,
  CAP.MAC_OVERRIDE,
  CAP.PERFMON,
  CAP.BPF,
];

/** What root may do: all but the above, so that a refused call answers EPERM for the reason that Linux has in a container. */
export const ROOT_CAPABILITIES: Capabilities = capabilitySet(
  Object.values(CAP).filter((capability) => !ABSENT.includes(capability)),
);
