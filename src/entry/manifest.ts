/** What an image says of itself: plain data, in front of its bytes. */
import type { ByteString } from "../base/bytes.ts";
import type { Port } from "./ports.ts";
import type { Volume } from "./volumes.ts";

/** Raised with each change of what readers must know. */
export const IMAGE_FORMAT = 2;

/**
 * How code runs that no translation was brought for: `full` interprets it and translates what becomes hot, `interpret` only
 * interprets it, `none` has neither interpreter nor translator.
 */
export type Runtime = "full" | "interpret" | "none";

/** Bytes of the image, by place. */
export interface Blob {
  /** Behind the manifest. */
  readonly offset: number;
  /** As stored, and as they are. */
  readonly stored: number;
  readonly size: number;
  /** Deflate is what browsers unpack; brotli is smaller. */
  readonly packing: "plain" | "brotli" | "deflate";
}

/** Why a library is in the image. */
export interface ChosenLibrary {
  readonly name: string;
  readonly why: string;
  /** System calls that are left out of it, since the program cannot make them. */
  readonly without?: readonly string[];
}

/** One name in the root. Numbers are as in stat(2), the type is in the mode; times are seconds and nanoseconds. */
export interface RootRow {
  readonly path: ByteString;
  /** Which inode, by number: two rows of one are hard links. */
  readonly inode: number;
}

export interface RootInode {
  /** With the bits of the type (S_IFMT). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: readonly [seconds: number, nanoseconds: number];
  /** Of a file. */
  readonly blob?: number;
  /** SHA-256 of a file's bytes. */
  readonly digest?: string;
  /** Of a symbolic link. */
  readonly target?: ByteString;
  /** Of a device. */
  readonly device?: readonly [major: number, minor: number];
  /** Where it came from: an index into {@link Manifest.sources}. */
  readonly source: number;
}

/** Modules of one object at one address. */
export interface AheadRow {
  /** For the reader: the file. */
  readonly name: string;
  readonly contentKey: string;
  readonly base: number;
  /** What the modules were made for; see `targetKey`. */
  readonly target: number;
  readonly modules: readonly {
    readonly blob: number;
    /** Where its regions start: the first address, then the distances. */
    readonly starts: readonly number[];
    /** Whether the recorded start ran it. */
    readonly startup: boolean;
  }[];
}

export interface ImageProgram {
  readonly path: ByteString;
  /** What it is called with, its own name first. */
  readonly argv: readonly ByteString[];
  readonly env: readonly ByteString[];
  readonly cwd: ByteString;
}

/** A record of a start; blobs. */
export interface RecordedStart {
  readonly head: number;
  readonly memory: readonly number[];
}

export interface Manifest {
  readonly format: number;
  /** The Drupe that built it. */
  readonly drupe: string;
  readonly name: string;
  readonly program: ImageProgram;
  readonly labels: Readonly<Record<string, string>>;
  /** Folders of the host, and volumes by name, that the image asks to be granted. */
  readonly volumes: readonly Volume[];
  /** Ports that the image asks to be published. */
  readonly ports?: readonly Port[];
  readonly hostname?: string;
  /** Committed guest memory; bytes. */
  readonly memory?: number;
  readonly policy?: "null" | "paged";
  readonly runtime: Runtime;
  /** In dependency order. */
  readonly libraries: readonly ChosenLibrary[];
  /** By name: modules that Drupe itself runs on, such as the interpreter. */
  readonly modules: Readonly<Record<string, number>>;
  /** Records that the program is started by (see `engine/replay`), by the kinds of streams that they were made with: {@link streamsOf}. */
  readonly starts?: Readonly<Record<string, RecordedStart>>;
  readonly targets: readonly string[];
  readonly ahead: readonly AheadRow[];
  readonly root: { readonly names: readonly RootRow[]; readonly inodes: readonly RootInode[] };
  /** Where files came from: packages with version and digest, folders, archives. */
  readonly sources: readonly string[];
  readonly blobs: readonly Blob[];
}
