/** Lists of libraries by name, for programs whose needs are known beforehand. */
import type { Library } from "../kernel/library.ts";
import { fsDev } from "../lib/fs-dev/index.ts";
import { fsHost } from "../lib/fs-host/index.ts";
import { fsProc } from "../lib/fs-proc/index.ts";
import { fsRam } from "../lib/fs-ram/index.ts";
import { posixFdio } from "../lib/posix-fdio/index.ts";
import { posixFdtab } from "../lib/posix-fdtab/index.ts";
import { posixLock } from "../lib/posix-lock/index.ts";
import { posixMm } from "../lib/posix-mm/index.ts";
import { posixPoll } from "../lib/posix-poll/index.ts";
import { posixProcess } from "../lib/posix-process/index.ts";
import { posixSysinfo } from "../lib/posix-sysinfo/index.ts";
import { posixTime } from "../lib/posix-time/index.ts";
import { random } from "../lib/random/index.ts";
import { vfs } from "../lib/vfs/index.ts";
import { full } from "./full.ts";

/** Writes and ends: no files, no memory but its own. */
const hello: readonly Library[] = [posixProcess, posixFdtab, posixFdio];

/** A statically linked program that computes. */
const fixed: readonly Library[] = [...hello, posixMm, posixTime, random];

/** A dynamically linked program that reads and writes files. */
const files: readonly Library[] = [...fixed, vfs, fsRam, fsDev, fsProc, fsHost, posixLock, posixPoll, posixSysinfo];

export const presets: Readonly<Record<string, readonly Library[]>> = { hello, static: fixed, files, full };
