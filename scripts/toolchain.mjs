/**
 * Makes sure that what the tests and benchmarks compile and compare with is there: `node scripts/toolchain.mjs`.
 *
 * As root on Debian it installs what is missing; elsewhere it says what is missing, and ends with status 1. The C library
 * musl for riscv64 is not in every Debian's own cross packages: it is fetched as a package of a release that has it, and
 * unpacked under `.cache/`.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cache, canInstall, installPackages, RELEASE, run, unpackArchive, unpackPackages } from "./debian.mjs";
import { downloadLocked, lockedPackages } from "./debian-lock.mjs";

/** Debian packages, each with a file that shows that it is installed. */
const PACKAGES = [
  { name: "gcc", proof: "/usr/bin/gcc" },
  { name: "libc6-dev", proof: "/usr/include/stdio.h" },
  { name: "gcc-riscv64-linux-gnu", proof: "/usr/bin/riscv64-linux-gnu-gcc" },
  { name: "libc6-dev-riscv64-cross", proof: "/usr/riscv64-linux-gnu/lib/libc.a" },
  { name: "qemu-user", proof: "/usr/bin/qemu-riscv64" },
  { name: "wabt", proof: "/usr/bin/wat2wasm" },
];

/** The specs file that makes the cross compiler use musl. */
export const muslSpecs = join(cache, "musl-riscv64/musl-gcc.specs");

/** musl's own dynamic linker and C library in one. */
export const muslLoader = join(cache, "musl-riscv64/usr/lib/ld-musl-riscv64.so.1");

/** Makes sure of the compilers and QEMU; answers what is missing and cannot be installed. */
function ensurePackages() {
  const missing = () => PACKAGES.filter(({ proof }) => !existsSync(proof)).map(({ name }) => name);
  const names = missing();
  if (names.length === 0) return [];
  if (!canInstall()) return names;
  installPackages(names);
  return missing();
}

const MUSL = ["musl", "musl-dev"];

/** The locked packages or, if the mirror has them no more, those of its index. */
async function unpackMusl(/** @type {string} */ folder) {
  const locked = lockedPackages("musl-dev").filter(({ name }) => MUSL.includes(name));
  mkdirSync(folder, { recursive: true });
  try {
    for (const wanted of locked) {
      const archive = join(folder, "package.deb");
      await downloadLocked(wanted, archive);
      unpackArchive(archive, folder);
      rmSync(archive);
    }
  } catch (error) {
    console.log(`${error}; asking the mirror's index`);
    unpackPackages({ names: MUSL, architecture: "riscv64", folder, alone: true });
  }
}

/** Fetches musl for riscv64 and makes the cross compiler's specs file point to it. */
async function fetchMusl() {
  const home = join(cache, "musl-riscv64");
  const folder = `${home}.${process.pid}`;
  await unpackMusl(folder);
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
export async function ensureToolchain() {
  const troubles = [];
  const missing = ensurePackages();
  if (missing.length > 0)
    troubles.push(`These Debian packages are missing; install them as root: apt-get install ${missing.join(" ")}`);
  if (!existsSync(muslSpecs)) {
    try {
      await fetchMusl();
    } catch (error) {
      troubles.push(`musl for riscv64 (Debian ${RELEASE}: musl, musl-dev) cannot be fetched: ${error}`);
    }
  }
  return troubles;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const troubles = await ensureToolchain();
  for (const trouble of troubles) console.error(trouble);
  process.exitCode = troubles.length > 0 ? 1 : 0;
}
