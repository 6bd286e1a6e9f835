/** The one interface that a machine has. */
import { ARPHRD_LOOPBACK, IFF } from "../../abi/netdevice.ts";

export const LO = {
  name: "lo",
  index: 1,
  type: ARPHRD_LOOPBACK,
  flags: IFF.UP | IFF.LOOPBACK | IFF.RUNNING | IFF.LOWER_UP,
  mtu: 65_536,
  queueLength: 1000,
  ipv4: { address: [127, 0, 0, 1], mask: [255, 0, 0, 0], prefixLength: 8 },
  ipv6: { address: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], prefixLength: 128 },
} as const;
