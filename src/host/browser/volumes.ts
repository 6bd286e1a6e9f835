/** Volumes of a web site: each is a file in the site's own file system (OPFS), which one worker at a time has open. */
import type { ByteString } from "../../base/bytes.ts";
import { HostError, type HostStore } from "../../kernel/host.ts";
import { isVolumeName, OpenVolume, VolumeRefusal } from "../../kernel/open-volume.ts";

/** The folder of volumes, in the root of what the site has. */
const FOLDER = "drupe-volumes";

/** A page that was left gives its files back a moment later. */
const PATIENCE_MS = 2000;
const PAUSE_MS = 50;

/** Opens a volume for the guest of this worker; it is made if there is none. */
export async function openVolume(volume: {
  readonly name: string;
  readonly mountPoint: ByteString;
  readonly readOnly: boolean;
}): Promise<OpenVolume | VolumeRefusal> {
  const { name } = volume;
  if (!isVolumeName(name)) {
    return new VolumeRefusal(
      `${name} is no name of a volume`,
      "Names have letters, digits, and _ . - behind the first.",
    );
  }
  if (globalThis.isSecureContext !== true || navigator.storage?.getDirectory === undefined) {
    return new VolumeRefusal(
      `this page can keep no files, and the image has the volume ${name}`,
      "Serve it by HTTPS, or from localhost, to a browser that has OPFS.",
    );
  }
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    const file = await folder.getFileHandle(name, { create: true });
    const handle = await openPatiently(file);
    if (handle === undefined) {
      return new VolumeRefusal(
        `another page has the volume ${name}`,
        "Close that page, or wait until its program has ended: one page at a time has it.",
      );
    }
    const place = `${FOLDER}/${name} in the files of ${location.origin} (OPFS)`;
    return new OpenVolume({ ...volume, place, store: new HandleStore(handle) }, () => handle.close());
  } catch (error) {
    return new VolumeRefusal(
      `the volume ${name} cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
      "Let the site keep data, and look whether there is room for it.",
    );
  }
}

/** Opens a file for this worker alone; undefined if somebody else keeps it open. */
async function openPatiently(file: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle | undefined> {
  for (const end = performance.now() + PATIENCE_MS; ; ) {
    try {
      return await file.createSyncAccessHandle();
    } catch (error) {
      if (!isNamed(error, "NoModificationAllowedError")) throw error;
      if (performance.now() >= end) return undefined;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

class HandleStore implements HostStore {
  private readonly handle: FileSystemSyncAccessHandle;

  constructor(handle: FileSystemSyncAccessHandle) {
    this.handle = handle;
  }

  get size(): number {
    return this.handle.getSize();
  }

  read(into: Uint8Array<ArrayBuffer>, offset: number): number | HostError {
    return attempt(() => this.handle.read(into, { at: offset }));
  }

  write(from: Uint8Array<ArrayBuffer>, offset: number): HostError | undefined {
    return attempt(() => (this.handle.write(from, { at: offset }) < from.length ? new HostError("ENOSPC") : undefined));
  }

  flush(): HostError | undefined {
    return attempt(() => this.handle.flush() as undefined);
  }

  truncate(size: number): HostError | undefined {
    return attempt(() => this.handle.truncate(size) as undefined);
  }
}

function attempt<T>(operation: () => T): T | HostError {
  try {
    return operation();
  } catch (error) {
    return new HostError(isNamed(error, "QuotaExceededError") ? "ENOSPC" : "EIO");
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof DOMException && error.name === name;
}
