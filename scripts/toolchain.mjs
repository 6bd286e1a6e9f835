/**
 * Makes sure that what the tests and benchmarks compile and compare with is there: `node scripts/toolchain.mjs`.
 *
 * As root on Debian it installs what is missing; elsewhere it says what is missing, and ends with status 1. The C library
 * musl for riscv64 is not in every Debian's own cross packages: it is fetched as a package of a release that has it, and
 * unpacked under `.cache/`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
export const cache = join(root, ".cache");

/** Debian packages, each with a file that shows that it is installed. */
const PACKAGES = [
  { name: "gcc", proof: "/usr/bin/gcc" },
  { name: "libc6-dev", proof: "/usr/include/stdio.h" },
  { name: "gcc-riscv64-linux-gnu", proof: "/usr/bin/riscv64-linux-gnu-gcc" },
  { name: "libc6-dev-riscv64-cross", proof: "/usr/riscv64-linux-gnu/lib/libc.a" },
  { name: "qemu-user", proof: "/usr/bin/qemu-riscv64" },
  { name: "wabt", proof: "/usr/bin/wat2wasm" },
];

/** The Debian release that has riscv64: foreign packages are taken from it. */
const RELEASE = "trixie";

/** The specs file that makes the cross compiler use musl. */
export const muslSpecs = join(cache, "musl-riscv64/musl-gcc.specs");

/** musl's own dynamic linker and C library in one. */
export const muslLoader = join(cache, "musl-riscv64/usr/lib/ld-musl-riscv64.so.1");

/**
 * Runs a command; answers its output, or throws with what it said.
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnSyncOptions} [options]
 */
function run(command, args, options) {
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

/** Makes sure of the compilers and QEMU; answers what is missing and cannot be installed. */
function ensurePackages() {
  const missing = () => PACKAGES.filter(({ proof }) => !existsSync(proof)).map(({ name }) => name);
  const names = missing();
  if (names.length === 0) return [];
  if (!canInstall()) return names;
  installPackages(names);
  return missing();
}

/** The Debian mirror of this machine: a variable, or where apt takes the release's own packages from. */
function debianMirror() {
  const given = process.env.DRUPE_DEBIAN_MIRROR;
  if (given) return given;
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
    run("sh", [
      "-c",
      'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"',
      "sh",
      join(archives, name),
      folder,
    ]);
  rmSync(apt, { recursive: true });
}

/** Fetches musl for riscv64 and makes the cross compiler's specs file point to it. */
function fetchMusl() {
  const home = join(cache, "musl-riscv64");
  const folder = `${home}.${process.pid}`;
  unpackPackages({ names: ["musl", "musl-dev"], architecture: "riscv64", folder, alone: true });
  const installed = join(folder, "usr/lib/riscv64-linux-musl");
  const specs = readFileSync(join(installed, "musl-gcc.specs"), "utf8");
  writeFileSync(join(folder, "musl-gcc.specs"), specs.replaceAll(/\/usr\/(lib|include)\//g, `${home}/usr/$1/`));
  // Debugging sections written by newer tools have relocations that an older linker dies of.
  for (const name of readdirSync(installed).filter((file) => /\.[oa]$/.test(file)))
    run("riscv64-linux-gnu-objcopy", ["--strip-debug", join(installed, name)]);
  rmSync(home, { recursive: true, force: true });
  renameSync(folder, home);
}

/** Makes sure of everything; answers sentences on what is missing. */
export function ensureToolchain() {
  const troubles = [];
  const missing = ensurePackages();
  if (missing.length > 0)
    troubles.push(`These Debian packages are missing; install them as root: apt-get install ${missing.join(" ")}`);
  if (!existsSync(muslSpecs)) {
    try {
      fetchMusl();
    } catch (error) {
      troubles.push(`musl for riscv64 (Debian ${RELEASE}: musl, musl-dev) cannot be fetched: ${error}`);
    }
  }
  return troubles;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const troubles = ensureToolchain();
  for (const trouble of troubles) console.error(trouble);
  process.exitCode = troubles.length > 0 ? 1 : 0;
}
