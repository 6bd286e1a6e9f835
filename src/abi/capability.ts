/** Capabilities (linux/capability.h). */
export const CAP_LAST_CAP = 40;

/** Versions of struct __user_cap_header_struct; all but the first describe 64 capabilities in two structs. */
export const LINUX_CAPABILITY_VERSION = { V1: 0x1998_0330, V2: 0x2007_1026, V3: 0x2008_0522 } as const;
