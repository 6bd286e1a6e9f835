import type { ByteString } from "../base/bytes.ts";

/**
 * Everything that a guest can reach outside. A member that is absent means that the guest has none.
 *
 * Hosts answer with bytes, instants and readiness; they know no Linux. What they refuse is a {@link HostErrorCode}, which the library
 * that asked turns into an errno.
 */
export interface Host {
  readonly clock: HostClock;
  readonly entropy: HostEntropy;
  readonly console: HostConsole;
  /** Host folders that were granted by name (`-v host:guest`). */
  readonly files?: readonly HostFolder[];
  /** Volumes that were granted by name (`-v name:guest`): what the guest writes there is there again in a later run. */
  readonly volumes?: readonly HostVolume[];
  /** Ports that were published (`-p host:guest`). */
  readonly network?: HostNetwork;
  /** SHA-256 in hexadecimal, if the host has a faster one than the kernel's own: it names code in caches. */
  digest?(bytes: Uint8Array<ArrayBuffer>): string;
  /** Facts about the machine that sysinfo(2), uname(2) and sched_getaffinity(2) report. */
  readonly machine: { readonly memoryBytes: number; readonly processors: number };
}

export interface HostClock {
  /** Nanoseconds on a clock that never goes back. */
  monotonicNs(): number;
  /** Wall clock since 1970. */
  realtime(): { readonly seconds: number; readonly nanoseconds: number };
  /**
   * Calls back once, no earlier than `delayNs` from now; 0 means as soon as the event loop has run. Infinity never calls
   * back: it tells the host that the machine still waits. Returns how to cancel.
   */
  after(delayNs: number, call: () => void): () => void;
  /** Absent where no other thread can reach guest memory while this one is busy. */
  readonly interrupter?: HostInterrupter;
}

/** The words of guest memory that stop guest code. */
export interface PollWords {
  readonly words: Int32Array<SharedArrayBuffer>;
  /** Index of the word that is not 0 while a poll is asked for. */
  readonly poll: number;
  /** Index of the size of the stack that functions may start in: nowhere, if it is 0. */
  readonly stack: number;
}

/** Interrupts guest code on this thread from another one. */
export interface HostInterrupter {
  /**
   * Stores 1 for the poll, then 0 for the stack, about when {@link HostClock.monotonicNs} reaches an instant, instead of what
   * was asked for before. It is called at each change of processes: hosts remember words by their identity. `lengthNs` is how
   * far away that is; a quarter of it may be missed.
   */
  raise(words: PollWords, atNs: number, lengthNs: number): void;
  /** Forgets what was asked for. */
  cancel(): void;
}

export interface HostEntropy {
  fill(bytes: Uint8Array): void;
}

/** The three standard streams; a terminal if the host has one. */
export interface HostConsole {
  readonly stdin: HostInput;
  readonly stdout: HostOutput;
  readonly stderr: HostOutput;
  /** Present if stdin and stdout are one terminal. */
  readonly terminal?: HostTerminal;
  /** Gives the streams back as they were. */
  close?(): void;
}

export interface HostInput {
  /** Takes what is there: bytes, nothing yet, or the end. The host reads only after the guest first asks. */
  read(maximum: number): Uint8Array | "empty" | "end";
  /** Calls back, once for each change, when {@link read} may answer differently. */
  onReadable(call: () => void): void;
  readonly kind: "terminal" | "pipe" | "file" | "null";
}

export interface HostOutput {
  /** Writes all of it; the host may buffer. Returns false when the reader is gone (EPIPE). */
  write(bytes: Uint8Array): boolean;
  /** True while so much is buffered that the writer should wait. */
  readonly full: boolean;
  onDrain(call: () => void): void;
  readonly kind: "terminal" | "pipe" | "file" | "null";
}

export interface HostTerminal {
  readonly size: { readonly columns: number; readonly rows: number };
  onResize(call: () => void): void;
  /** Hands every key over unread and unechoed (raw), or lets the host's own line editing be. The kernel's tty always asks for raw. */
  setRaw(raw: boolean): void;
}

/** Connections that somebody outside opens to published ports of the guest. There are none the other way. */
export interface HostNetwork {
  /** Hands over every connection to a port of the guest from now on; `take` answers whether anybody listens there. */
  onConnection(take: (port: number, connection: HostConnection) => boolean): void;
}

/** A connection to somebody outside. Bytes cross by copy, each way at the pace of who takes them. */
export interface HostConnection {
  /** Takes what is there: bytes, nothing yet, the end of what comes, or that the connection is broken off. */
  read(maximum: number): Uint8Array | "empty" | "end" | "reset";
  /** Writes all of it; the host may buffer. The bytes are the host's from now on. */
  write(bytes: Uint8Array): void;
  /** True while so much is buffered that the writer should wait. */
  readonly full: boolean;
  /** Nothing more will be written. */
  end(): void;
  /** Breaks it off. */
  reset(): void;
  /** Calls back whenever {@link read} or {@link full} may answer differently. */
  onChange(call: () => void): void;
}

export type HostErrorCode =
  | "ENOENT"
  | "EACCES"
  | "EPERM"
  | "EEXIST"
  | "ENOTDIR"
  | "EISDIR"
  | "ENOTEMPTY"
  | "ENOSPC"
  | "EROFS"
  | "EIO"
  | "ELOOP"
  | "EXDEV"
  | "EMFILE"
  | "ENAMETOOLONG"
  | "EBUSY"
  | "EINVAL"
  | "ENOTSUP";

export class HostError {
  readonly code: HostErrorCode;
  constructor(code: HostErrorCode) {
    this.code = code;
  }
}

/** A folder of the host. Every name is resolved one component at a time below its root: no path can leave it. */
export interface HostFolder {
  /** Where it is mounted in the guest. */
  readonly mountPoint: ByteString;
  readonly readOnly: boolean;
  readonly root: HostNode;
}

/** What the host knows of a file. Times in nanoseconds since 1970 (as seconds and nanoseconds). */
export interface HostStat {
  readonly type: "file" | "directory" | "symlink" | "other";
  /** Distinguishes files of the folder; equal for two names of one file. */
  readonly inode: number;
  readonly mode: number;
  readonly size: number;
  readonly links: number;
  readonly mtime: { readonly seconds: number; readonly nanoseconds: number };
  readonly atime: { readonly seconds: number; readonly nanoseconds: number };
  readonly ctime: { readonly seconds: number; readonly nanoseconds: number };
}

/** A file, directory or symbolic link of the host. Names are single components. Operations are synchronous. */
export interface HostNode {
  stat(): HostStat | HostError;
  lookup(name: ByteString): HostNode | HostError;
  list(): readonly { readonly name: ByteString; readonly type: HostStat["type"] }[] | HostError;
  readLink(): ByteString | HostError;
  create(name: ByteString, mode: number): HostNode | HostError;
  makeDirectory(name: ByteString, mode: number): HostNode | HostError;
  symlink(name: ByteString, target: ByteString): HostNode | HostError;
  /** Makes another name, in this directory, for a file of the same folder. */
  link(name: ByteString, target: HostNode): HostError | undefined;
  unlink(name: ByteString, directory: boolean): HostError | undefined;
  rename(name: ByteString, to: HostNode, newName: ByteString): HostError | undefined;
  /** Opens a regular file; without following links. */
  open(write: boolean): HostFile | HostError;
  setMode(mode: number): HostError | undefined;
  setTimes(
    atimeNs: { readonly seconds: number; readonly nanoseconds: number },
    mtime: { readonly seconds: number; readonly nanoseconds: number },
  ): HostError | undefined;
}

export interface HostFile {
  /** Of the file that is open, whatever has become of its name. */
  stat(): HostStat | HostError;
  setMode(mode: number): HostError | undefined;
  setTimes(atime: HostStat["atime"], mtime: HostStat["mtime"]): HostError | undefined;
  read(into: Uint8Array, offset: number): number | HostError;
  write(from: Uint8Array, offset: number): number | HostError;
  truncate(size: number): HostError | undefined;
  close(): void;
}

/** Bytes that outlive the machine, kept for one machine at a time. What they mean is the guest's file system's business. */
export interface HostVolume {
  readonly name: string;
  /** Where it is mounted in the guest. */
  readonly mountPoint: ByteString;
  readonly readOnly: boolean;
  /** Where the bytes are, in words for whoever is to put something right there. */
  readonly place: string;
  readonly store: HostStore;
  /**
   * Calls back when the machine is over, before the store is closed. The call answers, in a sentence, what could not be
   * kept.
   */
  onClose(call: () => string | undefined): void;
}

/** A file of the host that nobody else changes. Operations are synchronous. What is beyond the size cannot be read. */
export interface HostStore {
  readonly size: number;
  /** Reads as much as there is. */
  read(into: Uint8Array, offset: number): number | HostError;
  /** Writes all of it, and grows as needed. ENOSPC where the host grants no more; then any part of it may be written. */
  write(from: Uint8Array, offset: number): HostError | undefined;
  /** Returns when all that was written will be read again, whatever becomes of the machine. */
  flush(): HostError | undefined;
  truncate(size: number): HostError | undefined;
}
