/** Whether a manifest is one: images come from elsewhere, and whoever reads one trusts its numbers. */
import type { Manifest } from "./manifest.ts";

type Unknown = Readonly<Record<string, unknown>>;

/** Looks at all that a start relies on. @param bytes - how many there are behind the manifest. */
export function isManifest(value: unknown, bytes: number): value is Manifest {
  if (!isObject(value)) return false;
  const { program, root, blobs, libraries, modules, starts, targets, ahead, sources, volumes } = value;
  if (![blobs, libraries, targets, ahead, sources, volumes].every(Array.isArray)) return false;
  const count = (blobs as unknown[]).length;
  const isBlob = (index: unknown): boolean => isBelow(index, count);
  return (
    (blobs as unknown[]).every((blob) => isStored(blob, bytes)) &&
    isProgram(program) &&
    isRoot(root, isBlob) &&
    (libraries as unknown[]).every((library) => isObject(library) && isText(library.name)) &&
    isObject(modules) &&
    Object.values(modules).every(isBlob) &&
    (starts === undefined || (isObject(starts) && Object.values(starts).every((start) => isStart(start, isBlob)))) &&
    (ahead as unknown[]).every((row) => isAhead(row, isBlob, (targets as unknown[]).length)) &&
    (volumes as unknown[]).every(isVolume)
  );
}

function isStart(start: unknown, isBlob: (index: unknown) => boolean): boolean {
  return isObject(start) && isBlob(start.head) && Array.isArray(start.memory) && start.memory.every(isBlob);
}

function isStored(blob: unknown, bytes: number): boolean {
  if (!isObject(blob)) return false;
  const { offset, stored, size, packing } = blob;
  return isCount(offset) && isCount(stored) && isCount(size) && isText(packing) && offset + stored <= bytes;
}

function isProgram(program: unknown): boolean {
  if (!isObject(program)) return false;
  const { path, argv, env, cwd } = program;
  return isText(path) && isText(cwd) && areTexts(argv) && areTexts(env);
}

function isRoot(root: unknown, isBlob: (index: unknown) => boolean): boolean {
  if (!isObject(root) || !Array.isArray(root.names) || !Array.isArray(root.inodes)) return false;
  const inodes = root.inodes as unknown[];
  return (
    (root.names as unknown[]).every((row) => isObject(row) && isText(row.path) && isBelow(row.inode, inodes.length)) &&
    inodes.every(
      (inode) => isObject(inode) && isCount(inode.mode) && Array.isArray(inode.mtime) && hasBody(inode, isBlob),
    )
  );
}

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;

function hasBody({ mode, blob }: Unknown, isBlob: (index: unknown) => boolean): boolean {
  return ((mode as number) & S_IFMT) === S_IFREG ? isBlob(blob) : true;
}

function isAhead(row: unknown, isBlob: (index: unknown) => boolean, targets: number): boolean {
  if (!isObject(row) || !isText(row.contentKey) || !isBelow(row.target, targets) || !Array.isArray(row.modules))
    return false;
  return (row.modules as unknown[]).every((each) => isObject(each) && isBlob(each.blob) && Array.isArray(each.starts));
}

function isVolume(volume: unknown): boolean {
  return isObject(volume) && isText(volume.source) && isText(volume.destination);
}

function isObject(value: unknown): value is Unknown {
  return typeof value === "object" && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isBelow(value: unknown, limit: number): boolean {
  return isCount(value) && value < limit;
}
