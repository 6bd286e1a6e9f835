/** What stands in the notes of a core file (linux/elfcore.h, asm/ptrace.h of riscv). */
import { array, bits64, i32, struct, u8, u16, u32 } from "../../base/struct.ts";
import { timeval } from "./time.ts";

/** Types of notes (linux/elf.h). */
export const NT = {
  PRSTATUS: 1,
  PRFPREG: 2,
  PRPSINFO: 3,
  AUXV: 6,
  SIGINFO: 0x5349_4749,
  FILE: 0x4649_4c45,
} as const;

/** struct elf_prstatus: 376 bytes. `registers` is struct user_regs_struct: pc, then x1 to x31. */
export const elfPrstatus = struct({
  signo: i32,
  code: i32,
  errno: i32,
  cursig: u16,
  sigpend: bits64,
  sighold: bits64,
  pid: i32,
  ppid: i32,
  pgrp: i32,
  sid: i32,
  utime: timeval,
  stime: timeval,
  cutime: timeval,
  cstime: timeval,
  registers: array(bits64, 32),
  fpvalid: i32,
});

/** The floating-point registers as a debugger sees them: f0 to f31 and fcsr, each of which takes 8 bytes. */
export const elfFpregset = array(bits64, 33);

/** struct elf_prpsinfo: 136 bytes. */
export const elfPrpsinfo = struct({
  state: u8,
  sname: u8,
  zombie: u8,
  nice: u8,
  flag: bits64,
  uid: u32,
  gid: u32,
  pid: i32,
  ppid: i32,
  pgrp: i32,
  sid: i32,
  fname: array(u8, 16),
  psargs: array(u8, 80),
});
