import type { SyscallName } from "../../abi/riscv64/syscalls.ts";

/** By library: the system calls that it will provide. What is in no list has no place in a machine of this kind. */
const PLANNED: Readonly<Record<string, readonly SyscallName[]>> = {
  "posix-process": ["setns", "process_mrelease", "kcmp", "rseq"],
  "posix-fdio": ["cachestat"],
  "posix-mm": [
    "remap_file_pages",
    "process_madvise",
    "mseal",
    "pkey_alloc",
    "pkey_free",
    "pkey_mprotect",
    "map_shadow_stack",
    "memfd_secret",
    "userfaultfd",
    "mbind",
    "get_mempolicy",
    "set_mempolicy",
    "set_mempolicy_home_node",
    "migrate_pages",
    "move_pages",
  ],
  "posix-sched": ["ioprio_set", "ioprio_get"],
  "vfs-mount": [
    "mount",
    "umount2",
    "pivot_root",
    "open_tree",
    "move_mount",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "statmount",
    "listmount",
    "name_to_handle_at",
    "open_by_handle_at",
  ],
  "posix-fanotify": ["fanotify_init", "fanotify_mark"],
  "posix-aio": ["io_setup", "io_destroy", "io_submit", "io_cancel", "io_getevents", "io_pgetevents"],
  "io-uring": ["io_uring_setup", "io_uring_enter", "io_uring_register"],
  "posix-ptrace": ["ptrace", "process_vm_readv", "process_vm_writev", "perf_event_open"],
  sandbox: [
    "seccomp",
    "landlock_create_ruleset",
    "landlock_add_rule",
    "landlock_restrict_self",
    "lsm_get_self_attr",
    "lsm_set_self_attr",
    "lsm_list_modules",
  ],
  keyring: ["add_key", "request_key", "keyctl"],
};

/** Which library would provide a system call that none does yet. */
export const futureSyscalls: ReadonlyMap<string, string> = new Map(
  Object.entries(PLANNED).flatMap(([library, names]) => names.map((name) => [name, library] as const)),
);

/**
 * System calls that stay without a library: they administer a machine that has no disks, modules, quotas or accounts of its
 * own, or were given up by Linux itself.
 */
export const outOfScope: readonly SyscallName[] = [
  "acct",
  "bpf",
  "delete_module",
  "finit_module",
  "init_module",
  "kexec_file_load",
  "kexec_load",
  "lookup_dcookie",
  "nfsservctl",
  "quotactl",
  "quotactl_fd",
  "swapoff",
  "swapon",
  "vhangup",
];
