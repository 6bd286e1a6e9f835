/** struct sysinfo and struct new_utsname (linux/sysinfo.h, linux/utsname.h). */
import type { ByteString } from "../../base/bytes.ts";
import { array, i64, type Layout, type StructOf, struct, u16, u32, u64 } from "../../base/struct.ts";

export const sysinfo = struct({
  uptime: i64,
  loads: array(u64, 3),
  totalram: u64,
  freeram: u64,
  sharedram: u64,
  bufferram: u64,
  totalswap: u64,
  freeswap: u64,
  procs: u16,
  pad: u16,
  totalhigh: u64,
  freehigh: u64,
  memUnit: u32,
});

export type Sysinfo = StructOf<typeof sysinfo>;

/** Bytes of a name without its NUL (__NEW_UTS_LEN). */
export const UTS_LENGTH = 64;

/** char[65]: NUL-padded. */
const utsName: Layout<ByteString> = Object.freeze({
  size: UTS_LENGTH + 1,
  align: 1,
  read(v: DataView, at: number) {
    let text = "";
    for (let i = 0; i < UTS_LENGTH && v.getUint8(at + i) !== 0; i++) text += String.fromCharCode(v.getUint8(at + i));
    return text as ByteString;
  },
  write(v: DataView, at: number, text: ByteString) {
    for (let i = 0; i <= UTS_LENGTH; i++)
      v.setUint8(at + i, i < UTS_LENGTH && i < text.length ? text.charCodeAt(i) : 0);
  },
});

export const utsname = struct({
  sysname: utsName,
  nodename: utsName,
  release: utsName,
  version: utsName,
  machine: utsName,
  domainname: utsName,
});

export type Utsname = StructOf<typeof utsname>;
