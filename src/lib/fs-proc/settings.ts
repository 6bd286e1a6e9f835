/** /proc/sys: what programs ask the kernel's settings for (sysctl(8)). None can be changed. */
import { CAP } from "../../abi/capability.ts";
import { PIPE_MAX_SIZE } from "../../abi/limits.ts";
import { PID_MAX } from "../../kernel/ids.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { LAYOUT } from "../../machine/memory.ts";
import { systemNames } from "../posix-sysinfo/index.ts";
import { type DirectoryNode, directory, value } from "./node.ts";

export function settings(kernel: Kernel): DirectoryNode {
  const boot = uuid(kernel);
  return directory({
    fs: directory({
      "file-max": value(() => kernel.limits.fds * kernel.limits.processes),
      nr_open: value(() => kernel.limits.fds),
      overflowgid: value(() => OVERFLOW_ID),
      overflowuid: value(() => OVERFLOW_ID),
      "pipe-max-size": value(() => PIPE_MAX_SIZE),
    }),
    kernel: directory({
      cap_last_cap: value(() => Math.max(...Object.values(CAP))),
      core_pattern: value(() => "core"),
      core_uses_pid: value(() => 0),
      domainname: value(() => systemNames(kernel).domainname),
      hostname: value(() => systemNames(kernel).nodename),
      ngroups_max: value(() => NGROUPS_MAX),
      osrelease: value(() => systemNames(kernel).release),
      ostype: value(() => systemNames(kernel).sysname),
      overflowgid: value(() => OVERFLOW_ID),
      overflowuid: value(() => OVERFLOW_ID),
      pid_max: value(() => PID_MAX),
      random: directory({
        boot_id: value(() => boot),
        entropy_avail: value(() => ENTROPY_BITS),
        poolsize: value(() => ENTROPY_BITS),
        uuid: value(() => uuid(kernel)),
      }),
      "threads-max": value(() => kernel.limits.processes),
      version: value(() => systemNames(kernel).version),
    }),
    vm: directory({
      max_map_count: value(() => MAX_MAP_COUNT),
      mmap_min_addr: value(() => LAYOUT.mapMin),
      // Memory is counted when it is committed, and what is beyond the limit is refused then.
      overcommit_memory: value(() => 2),
    }),
  });
}

const OVERFLOW_ID = 65534;
const NGROUPS_MAX = 65536;
const ENTROPY_BITS = 256;
const MAX_MAP_COUNT = 65530;

/** A random UUID, version 4 (RFC 9562). */
function uuid({ host }: Kernel): string {
  const bytes = new Uint8Array(16);
  host.entropy.fill(bytes);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
