/** What the calls of System V IPC read and write (asm-generic/ipcbuf.h, shmbuf.h, sembuf.h, msgbuf.h; linux/shm.h …). */
import { array, bits64, i16, i32, i64, type StructOf, struct, u16, u32, u64 } from "../../base/struct.ts";

export const ipcPerm = struct({
  key: i32,
  uid: u32,
  gid: u32,
  cuid: u32,
  cgid: u32,
  mode: u32,
  sequence: u16,
  pad: u16,
  unused: array(u64, 2),
});

export type IpcPerm = StructOf<typeof ipcPerm>;

export const shmidDs = struct({
  perm: ipcPerm,
  size: u64,
  atime: i64,
  dtime: i64,
  ctime: i64,
  cpid: i32,
  lpid: i32,
  nattch: u64,
  unused: array(u64, 2),
});

/** IPC_INFO */
export const shminfo = struct({ max: bits64, min: u64, mni: u64, seg: u64, all: bits64, unused: array(u64, 4) });
/** SHM_INFO; all but the first in pages. */
export const shmInfo = struct({
  usedIds: i32,
  total: u64,
  resident: u64,
  swapped: u64,
  swapAttempts: u64,
  swapSuccesses: u64,
});

export const semidDs = struct({ perm: ipcPerm, otime: i64, ctime: i64, nsems: u64, unused: array(u64, 2) });
export const sembuf = struct({ number: u16, change: i16, flags: i16 });
export const seminfo = struct({
  map: i32,
  mni: i32,
  mns: i32,
  mnu: i32,
  msl: i32,
  opm: i32,
  ume: i32,
  usz: i32,
  vmx: i32,
  aem: i32,
});

export const msqidDs = struct({
  perm: ipcPerm,
  stime: i64,
  rtime: i64,
  ctime: i64,
  cbytes: u64,
  qnum: u64,
  qbytes: u64,
  lspid: i32,
  lrpid: i32,
  unused: array(u64, 2),
});
export const msginfo = struct({ pool: i32, map: i32, max: i32, mnb: i32, mni: i32, ssz: i32, tql: i32, seg: u16 });
