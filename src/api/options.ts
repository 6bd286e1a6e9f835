import type { RootTree } from "../image/root-tree.ts";

/** What a machine is made of, and what it may reach and use. Everything that is not granted here, the guest does not have. */
export interface BootOptions {
  /**
   * The root file system: a directory, a tar archive, `debian:PACKAGE`, or a tree that was opened before. Default: empty but
   * for `/tmp`, `/dev` and `/proc`.
   */
  readonly root?: string | RootTree;
  /** Debian mirror for `debian:`; default: this machine's apt sources. */
  readonly mirror?: string;
  /** Files to put into the root besides: guest path to content, mode 0755. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** Folders of this machine that the guest may use, and volumes that are there again in a later run. */
  readonly volumes?: readonly VolumeOption[];
  /** Ports of this machine that lead to the guest's. */
  readonly ports?: readonly PortOption[];
  /** `wasm` translates hot code (the default); `interp` only interprets. */
  readonly engine?: "wasm" | "interp";
  /** Keeps one memory policy; default: chosen by what the program does. */
  readonly policy?: "null" | "paged";
  readonly limits?: LimitOptions;
  readonly hostname?: string;
  /** `pipe` (the default) gives the machine's `stdin`, `stdout` and `stderr`; `inherit` is this process's own. */
  readonly stdio?: "pipe" | "inherit";
  /** Stops the machine when aborted. */
  readonly signal?: AbortSignal;
  /** Receives each line of a system call trace. */
  readonly strace?: (line: string) => void;
  /** Where translations are kept from run to run; `false` for nowhere. Default: nowhere. */
  readonly cache?: string | false;
  /** Counts instructions that run in translated code, for {@link MachineStats}; costs a few per cent. */
  readonly count?: boolean;
  /** For tests: throws every sleeping call's stack away, so that it goes on from its restart data. */
  readonly discardSleeps?: boolean;
}

/** A folder of this machine, or a volume by its name, which is made if there is none; one machine at a time has it. */
export type VolumeOption = ({ readonly host: string } | { readonly name: string }) & {
  readonly guest: string;
  readonly readOnly?: boolean;
};

/** A port of this machine that leads to a TCP port of the guest. */
export interface PortOption {
  /** 0 for any that is free. */
  readonly host: number;
  readonly guest: number;
  /** Default 127.0.0.1: only this machine can connect. */
  readonly address?: string;
}

export interface LimitOptions {
  /** Committed guest memory; bytes. Default 2 GiB. */
  readonly memory?: number;
  /** Processor time of the guest; seconds. Default: none. */
  readonly cpuSeconds?: number;
  /** Processes at a time. Default 1024. */
  readonly processes?: number;
  /** Open files of one process. Default 1024. */
  readonly files?: number;
}

export interface SpawnOptions {
  /** `NAME=VALUE` pairs in addition to the default environment. */
  readonly env?: readonly string[] | Readonly<Record<string, string>>;
  /** Default `/`. */
  readonly cwd?: string;
  /** Whom it acts for, by numbers. Default: root. */
  readonly user?: { readonly uid: number; readonly gid: number; readonly groups?: readonly number[] };
  /** What the program sees as its own name; default: the path as given. */
  readonly argv0?: string;
}

/** How a program ended: an exit code, or the signal that killed it. */
export type ExitStatus =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signaled"; readonly signal: number; readonly core: boolean };

/** The status as a shell gives it: 128 + n for signal n. */
export function shellStatus(status: ExitStatus): number {
  return status.kind === "exited" ? status.code : 128 + status.signal;
}
