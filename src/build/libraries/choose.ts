/** Which libraries a program needs, from what its code can ask for and what its recorded runs did. */

import { IOCTL } from "../../abi/ioctl.ts";
import type { SyscallName } from "../../abi/riscv64/syscalls.ts";
import { AF } from "../../abi/socket.ts";
import type { Library } from "../../kernel/library.ts";
import { type Analysis, isClosed } from "../analyze/analyze.ts";
import type { Recording } from "../analyze/recording.ts";
import type { Wish } from "./resolve.ts";

export interface Choice {
  readonly wishes: readonly Wish[];
  /** The only calls that the program can make; undefined if nobody can be sure. */
  readonly calls: ReadonlySet<SyscallName> | undefined;
  /** Calls that it can make and that no library provides. */
  readonly missing: readonly SyscallName[];
}

export interface ChoiceRequest {
  readonly catalogue: ReadonlyMap<string, Library>;
  readonly analysis: Analysis;
  readonly recording: Recording;
  /** Whether only what the recorded runs did counts. */
  readonly recordedOnly: boolean;
  /** Whether the image asks for folders of the host, and for volumes by name. */
  readonly folders: boolean;
  readonly volumes: boolean;
  /** Whether the image asks for ports to be published. */
  readonly ports: boolean;
  /** Whether the image's user will have a terminal. */
  readonly terminal: boolean;
  /** Whether a text occurs in the program's own objects. */
  readonly mentions: (text: string) => boolean;
}

/** What every program needs: a process that ends, and standard streams. */
const ALWAYS: readonly Wish[] = [
  { name: "posix-process", why: "every program is a process, and ends" },
  { name: "posix-fdtab", why: "every program has standard streams" },
];

/** Calls that the kernel makes a program make: the return from a signal handler, and the rest of an interrupted sleep. */
const IMPLIED: Readonly<Partial<Record<SyscallName, readonly SyscallName[]>>> = {
  rt_sigaction: ["rt_sigreturn", "restart_syscall"],
};

export function choose(request: ChoiceRequest): Choice {
  const { catalogue, analysis, recording, recordedOnly } = request;
  const seen = recording.calls.map(({ name, count }) => [name as SyscallName, `${name}, seen ${count}×`] as const);
  const read = [...analysis.calls].map(([name, [site]]) => {
    const where = site === undefined ? "" : ` in ${site.function} of ${site.object}`;
    return [name, `${name}${where}`] as const;
  });
  const reasons = new Map<SyscallName, string>([...(recordedOnly ? [] : read), ...seen]);
  for (const [call, implied] of Object.entries(IMPLIED) as [SyscallName, readonly SyscallName[]][]) {
    if (reasons.has(call))
      for (const name of implied) if (!reasons.has(name)) reasons.set(name, `${name}, after ${call}`);
  }
  const wishes = [...ALWAYS];
  const missing: SyscallName[] = [];
  for (const [name, why] of reasons) {
    const library = [...catalogue.values()].find(({ syscalls }) => syscalls.some((call) => call.name === name));
    if (library === undefined) missing.push(name);
    else if (!wishes.some((wish) => wish.name === library.name)) wishes.push({ name: library.name, why });
  }
  const files = analysis.dynamic || wishes.some(({ name }) => needsFiles(catalogue.get(name)));
  if (files) wishes.push(...fileLibraries(request, reasons));
  if (request.ports) wishes.push({ name: "net-loopback", why: "ports are published" });
  if (reasons.has("socket")) wishes.push(...families(request));
  const certain = recordedOnly || isClosed(analysis);
  return { wishes, missing, calls: certain ? new Set(reasons.keys()) : undefined };
}

/** Whether a library is of no use without a tree of files. */
function needsFiles(library: Library | undefined): boolean {
  return library !== undefined && (library.name === "vfs" || library.needs.some(needsFiles));
}

/** Libraries that add to files rather than provide calls. */
function fileLibraries(
  { catalogue, analysis, recording, recordedOnly, folders, volumes, terminal, mentions }: ChoiceRequest,
  reasons: ReadonlyMap<SyscallName, string>,
): Wish[] {
  const wishes: Wish[] = [
    { name: "vfs", why: "the program has files" },
    { name: "fs-ram", why: "the root is in memory" },
  ];
  const add = (name: string, why: string | undefined | false): void => {
    if (why && catalogue.has(name)) wishes.push({ name, why });
  };
  const below = (folder: string): string | undefined => {
    const path = recording.paths.find((each) => each.startsWith(folder));
    if (path !== undefined) return `${path}, seen`;
    return !recordedOnly && mentions(folder) ? `the program mentions ${folder}` : undefined;
  };
  add("fs-dev", below("/dev/"));
  add("fs-proc", below("/proc/"));
  add("fs-host", folders && "folders of the host are volumes");
  add("fs-volume", volumes && "volumes keep what is written to them");
  const setsTerminal = [IOCTL.TCSETS, IOCTL.TCSETSW, IOCTL.TCSETSF].some((ask) => analysis.ioctls.includes(ask));
  const asksForTerminal = analysis.dynamic && mentions("isatty");
  add("posix-tty", !recordedOnly && (setsTerminal || mentions("tcsetattr")) && "the program sets up terminals");
  add("posix-tty", !recordedOnly && asksForTerminal && "the program asks whether it is on a terminal");
  add("posix-tty", terminal && "the image is for a terminal");
  add("posix-pty", !recordedOnly && mentions("ptmx") && "the program makes terminals");
  const connects = (["socket", "socketpair"] as const).find((call) => reasons.has(call));
  add("net-unix", connects !== undefined && `${connects}(2) makes sockets of this machine`);
  add("posix-lock", reasons.has("fcntl") && "fcntl(2) locks files");
  add("posix-fifo", reasons.has("mknodat") && reasons.has("pipe2") && "mknodat(2) makes pipes with a name");
  return wishes;
}

/** The libraries of families that the program asked for, or may ask for. */
function families({ catalogue, analysis, recording, recordedOnly }: ChoiceRequest): Wish[] {
  const made = recording.calls.find(({ name }) => name === "socket")?.values ?? [];
  return FAMILIES.flatMap(({ library, names }): Wish[] => {
    const seen = names.find((name) => made.includes(`AF_${name}`));
    const asked =
      analysis.families === undefined ? undefined : names.find((name) => analysis.families?.includes(AF[name]));
    const read = analysis.families === undefined ? "a family that the code does not tell" : asked && `AF_${asked}`;
    const why = seen === undefined ? (recordedOnly ? undefined : read) : `AF_${seen}, seen`;
    return why === undefined || !catalogue.has(library) ? [] : [{ name: library, why: `socket(2) of ${why}` }];
  });
}

const FAMILIES: readonly { readonly library: string; readonly names: readonly (keyof typeof AF)[] }[] = [
  { library: "net-loopback", names: ["INET", "INET6"] },
  { library: "net-link", names: ["NETLINK"] },
];
