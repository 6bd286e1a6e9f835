/** Debian's packages: installed on this machine, or unpacked into a folder for another architecture. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What tests and benchmarks fetch is kept here. */
export const cache = fileURLToPath(new URL("../.cache", import.meta.url));

/** The Debian release that has riscv64: foreign packages are taken from it. */
export const RELEASE = "trixie";

/**
 * Runs a command; answers its output, or throws with what it said.
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnSyncOptions} [options]
 */
export function run(command, args, options) {
  const result = spawnSync(command, args, { encoding: "utf8", maxBuffer: 64 << 20, ...options });
  if (result.status === 0) return String(result.stdout);
  throw new Error(`${command} ${args.join(" ")}: ${result.error?.message ?? String(result.stderr).trim()}`);
}

/** Whether packages can be installed without asking anybody. */
export const canInstall = () =>
  existsSync("/etc/debian_version") && existsSync("/usr/bin/apt-get") && process.getuid?.() === 0;

/**
 * Installs Debian packages.
 * @param {string[]} names
 */
export function installPackages(names) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  console.log(`installing ${names.join(" ")}`);
  run("apt-get", ["-q", "update"], { env });
  run("apt-get", ["-q", "install", "-y", "--no-install-recommends", ...names], { env });
}

/** The Debian mirror of this machine: a variable, or where apt takes the release's own packages from. */
export function debianMirror() {
  const given = process.env.DRUPE_DEBIAN_MIRROR;
  if (given) return given.replace(/\/$/, "");
  const format = ["--format", "$(REPO_URI) $(LABEL)", "Created-By: Packages"];
  const lines = run("apt-get", ["indextargets", ...format]).split("\n");
  const mirror = lines.find((line) => line.endsWith(" Debian"))?.split(" ")[0];
  if (mirror) return mirror.replace(/\/$/, "");
  throw new Error("apt knows no Debian mirror: set DRUPE_DEBIAN_MIRROR");
}

/** Options that give apt a life of its own under a folder, for another architecture and release. */
function privateApt(/** @type {string} */ folder, /** @type {string} */ architecture) {
  const settings = {
    "APT::Architecture": architecture,
    "APT::Architectures": architecture,
    "APT::Sandbox::User": "root",
    "Acquire::Languages": "none",
    "Debug::NoLocking": "1",
    "Dir::State": `${folder}/state`,
    "Dir::State::status": `${folder}/status`,
    "Dir::Cache": `${folder}/cache`,
    "Dir::Etc::sourcelist": `${folder}/sources.list`,
    "Dir::Etc::sourceparts": "-",
  };
  return ["-q", ...Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`])];
}

/**
 * Unpacks Debian packages and all that they depend on into a new folder; apt checks the signatures. Nothing is installed
 * and no script of a package is run.
 * @param {{ names: string[], architecture: string, folder: string, alone?: boolean }} what `alone` leaves dependencies out
 */
export function unpackPackages({ names, architecture, folder, alone = false }) {
  const apt = `${folder}.apt`;
  const options = privateApt(apt, architecture);
  for (const part of ["state/lists/partial", "cache/archives/partial"]) mkdirSync(join(apt, part), { recursive: true });
  const keys = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]";
  writeFileSync(join(apt, "sources.list"), `deb ${keys} ${debianMirror()} ${RELEASE} main\n`);
  writeFileSync(join(apt, "status"), "");
  run("apt-get", [...options, "update"]);
  const archives = join(apt, "cache/archives");
  if (alone) run("apt-get", [...options, "download", ...names], { cwd: archives });
  else run("apt-get", [...options, "install", "-y", "--download-only", "--no-install-recommends", ...names]);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(archives).filter((file) => file.endsWith(".deb")))
    unpackArchive(join(archives, name), folder);
  rmSync(apt, { recursive: true });
}

/** Unpacks one package file into a folder that is there. */
export function unpackArchive(/** @type {string} */ archive, /** @type {string} */ folder) {
  const script = 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"';
  run("sh", ["-c", script, "sh", archive, folder]);
}
