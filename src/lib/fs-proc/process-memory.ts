/** What /proc/PID tells of a process's memory: maps, cmdline, environ. */
import { PROT } from "../../abi/mman.ts";
import { majorOf, minorOf } from "../../abi/stat.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { byteString } from "../../base/bytes.ts";
import type { Process } from "../../kernel/process.ts";

/** Column in which names begin (show_map_vma in fs/proc/task_mmu.c). */
const NAME_COLUMN = 73;

/** proc_pid_maps(5) */
export function maps({ mm }: Process): string {
  let lines = "";
  for (const { start, end, prot, shared, offset, file, name } of mm.areas()) {
    const access = [prot & PROT.READ ? "r" : "-", prot & PROT.WRITE ? "w" : "-", prot & PROT.EXEC ? "x" : "-"].join("");
    const device = file?.device ?? 0;
    const columns = [
      `${hex(start)}-${hex(end)}`,
      access + (shared ? "s" : "p"),
      hex(offset),
      `${hex(majorOf(device), 2)}:${hex(minorOf(device), 2)}`,
      `${file?.inode ?? 0}`,
    ].join(" ");
    const shown = file?.name ?? name;
    lines += shown === "" ? `${columns} \n` : `${columns.padEnd(NAME_COLUMN)}${escapeNewlines(shown)}\n`;
  }
  return lines;
}

function hex(number: number, digits = 8): string {
  return number.toString(16).padStart(digits, "0");
}

function escapeNewlines(name: string): string {
  return name.replaceAll("\n", "\\012");
}

/** The program's arguments as they lie on its stack, which it may have overwritten (proc_pid_cmdline(5)). */
export function commandLine({ mm }: Process): string {
  return range(mm, mm.regions.argStart, mm.regions.argEnd);
}

export function environment({ mm }: Process): string {
  return range(mm, mm.regions.envStart, mm.regions.envEnd);
}

export function auxiliaryVector({ mm }: Process): string {
  return byteString(mm.regions.auxv);
}

function range(mm: Process["mm"], start: number, end: number): string {
  const bytes = mm.read(start as GuestPtr, end - start);
  return bytes instanceof Uint8Array ? byteString(bytes) : "";
}
