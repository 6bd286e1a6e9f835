/** The other opinion: qemu-riscv64. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { elfOf, forOracle } from "./elf.mjs";

const QEMU = "qemu-riscv64";

/** Whether the oracle can be asked on this machine. */
export function oraclePresent() {
  return spawnSync(QEMU, ["--version"]).error === undefined;
}

/** Runs a program and returns what it wrote. Where QEMU 7.2 is known to err, the program has a detour. */
export function askOracle(program) {
  const folder = mkdtempSync(join(tmpdir(), "drupe-fuzz-"));
  try {
    const path = join(folder, "program");
    writeFileSync(path, elfOf(forOracle(program)), { mode: 0o755 });
    const { status, signal, stdout, error } = spawnSync(QEMU, [path], { maxBuffer: 1 << 20, timeout: 60_000 });
    if (error) throw error;
    if (status !== 0) throw new Error(`${QEMU} ended with ${signal ?? status}`);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
