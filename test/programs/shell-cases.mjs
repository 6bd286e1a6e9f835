// Shells and what they start: pipelines, jobs, traps, substitutions, make, git. No answer depends on how fast anything is.
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("scripts/", import.meta.url);
const shell = readdirSync(folder).filter((name) => !name.endsWith(".py"));
const scripts = Object.fromEntries(shell.map((name) => [name, readFileSync(new URL(name, folder), "utf8")]));
const files = {
  ...scripts,
  "fruit.txt": "pear\napple\nplum\n",
  "dir/f.txt": "1\n2\n",
  "a.src": "b\na\n",
  "b.src": "c\n",
  "c.src": "d\n",
  "d.src": "e\n",
};

/** What a small Debian system has. */
const TOOLS = "coreutils,findutils,dash,bash,grep,sed,gawk,diffutils,tar,gzip,xz-utils,zstd,make";
const bash = { source: `debian:bash,${TOOLS}/bash`, native: "bash", files };
const dash = { source: `debian:dash,${TOOLS}/dash`, native: "dash", files };
const tools = { source: "debian:stress-ng,util-linux,dash,coreutils/sh", native: "dash", files };
const make = { source: `debian:make,${TOOLS}/make`, native: "make", files };

export const shellCases = [
  { name: "bash pipelines", ...bash, args: ["pipelines.sh"] },
  { name: "bash jobs and traps", ...bash, args: ["jobs.sh"] },
  { name: "dash jobs and traps", ...dash, args: ["posix.sh"] },
  { name: "find and xargs", ...bash, args: ["many.sh"] },
  { name: "make -j", ...make, args: ["-s", "-j4"] },
  { name: "make of a make", ...make, args: ["-s", "-j2", "deep"] },
  { name: "make that fails", ...make, args: ["-k", "-s", "fails", "a"] },
  { name: "ipcs and its kin", ...tools, args: ["ipc.sh"] },
  { name: "git", source: "debian:git,dash,bash,coreutils,sed,grep/bash", native: "bash", args: ["git.sh"], files },
];

/** Debian packages of the native side. */
export const shellPackages = ["findutils", "diffutils", "make", "git"];
