// Rebuilds share/hello, the small program that ships in the package.
import { execFileSync } from "node:child_process";

const flags = [
  "-Os",
  "-static",
  "-nostdlib",
  "-ffreestanding",
  "-fno-asynchronous-unwind-tables",
  "-fno-stack-protector",
];
const link = ["-Wl,--build-id=none", "-Wl,-z,norelro", "-Wl,--strip-all"];
execFileSync("riscv64-linux-gnu-gcc", [...flags, ...link, "-o", "share/hello", "share/hello.c"], { stdio: "inherit" });
