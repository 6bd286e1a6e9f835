/** The auxiliary vector (linux/auxvec.h, riscv asm/auxvec.h and asm/hwcap.h). */

export const AT_VECTOR = {
  NULL: 0,
  PHDR: 3,
  PHENT: 4,
  PHNUM: 5,
  PAGESZ: 6,
  BASE: 7,
  FLAGS: 8,
  ENTRY: 9,
  UID: 11,
  EUID: 12,
  GID: 13,
  EGID: 14,
  PLATFORM: 15,
  HWCAP: 16,
  CLKTCK: 17,
  SECURE: 23,
  RANDOM: 25,
  HWCAP2: 26,
  EXECFN: 31,
  SYSINFO_EHDR: 33,
  MINSIGSTKSZ: 51,
} as const;

/** AT_HWCAP: one bit for each single-letter extension, A being bit 0. */
export function hwcap(extensions: string): number {
  let bits = 0;
  for (const letter of extensions) bits |= 1 << (letter.charCodeAt(0) - 65);
  return bits;
}
