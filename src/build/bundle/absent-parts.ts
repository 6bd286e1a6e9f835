/**
 * Parts of the kernel and of the host that an image has no way to.
 *
 * They lie behind the system calls that need them, in modules which the kernel itself imports. An image without these calls
 * gets a module in their place that does what is left to do, or whose functions cannot be reached; if one is, that is a bug, and
 * it says so.
 */
import type { SyscallName } from "../../abi/riscv64/syscalls.ts";

export interface ImageParts {
  /** Whether the image provides a call. */
  readonly has: (call: SyscallName) => boolean;
  readonly hasLibrary: (name: string) => boolean;
  /** Whether another thread ends slices. */
  readonly preempts: boolean;
  /** Whether the host computes digests itself. */
  readonly hostDigests: boolean;
  /** Whether every program that is ever loaded is known: see {@link EntryRequest.programs}. */
  readonly knowsPrograms: boolean;
}

interface Part {
  readonly module: string;
  /** Functions and classes that the module exports, or all of what stands for it. */
  readonly functions?: readonly string[];
  readonly classes?: readonly string[];
  readonly text?: string;
  readonly isWanted: (parts: ImageParts) => boolean;
}

const sharesMemory = ({ has }: ImageParts): boolean => has("mmap") || has("shmat");

const PARTS: readonly Part[] = [
  { module: "kernel/mm/remap.js", functions: ["moveMapping"], isWanted: ({ has }) => has("mremap") },
  {
    module: "kernel/mm/shared-file.js",
    functions: ["keyOfFile"],
    classes: ["SharedFile"],
    isWanted: sharesMemory,
  },
  { module: "kernel/mm/shared-anonymous.js", classes: ["SharedAnonymous"], isWanted: sharesMemory },
  {
    module: "kernel/run-queue.js",
    text: 'export { RunQueue } from "./lone-run-queue.js";\n',
    isWanted: ({ has }) => has("clone") || has("clone3"),
  },
  { module: "base/sha256.js", functions: ["sha256"], isWanted: ({ hostDigests }) => !hostDigests },
  {
    module: "kernel/loader/script.js",
    text: "export const HEAD_BYTES = 0;\nexport const isScript = () => false;\nexport const parseScript = () => {};\n",
    isWanted: ({ knowsPrograms }) => !knowsPrograms,
  },
  {
    module: "lib/posix-signal/frame.js",
    functions: ["enterHandler", "leaveHandler"],
    isWanted: ({ has }) => has("rt_sigaction"),
  },
  {
    module: "host/node/files.js",
    functions: ["openHostFolder"],
    isWanted: ({ hasLibrary }) => hasLibrary("fs-host"),
  },
  {
    module: "host/node/volumes.js",
    functions: ["openVolume", "volumeFolder"],
    isWanted: ({ hasLibrary }) => hasLibrary("fs-volume"),
  },
  {
    // What happens to files is told to nobody.
    module: "lib/vfs/file-events.js",
    text: [
      "export const fileWatcher = undefined;",
      ...["File", "Name", "Inode", "Changes", "Move", "IfGone"].map((what) => `export function tell${what}() {}`),
    ].join("\n"),
    isWanted: ({ hasLibrary }) => hasLibrary("posix-inotify"),
  },
  {
    // It is made with the clock and asked at each turn; where slices end by counting, nothing is to be done.
    module: "host/node/preempter.js",
    text: "export class Preempter { raise() {} cancel() {} close() {} }\n",
    isWanted: ({ preempts }) => preempts,
  },
];

/** The modules that stand for what an image lacks, by their path below the folder of compiled modules. */
export function absentParts(parts: ImageParts): ReadonlyMap<string, string> {
  return new Map(
    PARTS.filter(({ isWanted }) => !isWanted(parts)).map(({ module, functions = [], classes = [], text }) => {
      const refuse = (name: string): string => `{ throw Error("${name} is not in this image"); }`;
      const lines = [
        ...functions.map((name) => `export function ${name}() ${refuse(name)}`),
        ...classes.map((name) => `export class ${name} { constructor() ${refuse(name)} }`),
      ];
      return [module, text ?? `${lines.join("\n")}\n`];
    }),
  );
}
