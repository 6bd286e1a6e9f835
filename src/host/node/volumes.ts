/** Volumes of this machine: each is a file in one folder, locked for as long as a guest has it. */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { ByteString } from "../../base/bytes.ts";
import { HostError, type HostStore } from "../../kernel/host.ts";
import { isVolumeName, OpenVolume, VolumeRefusal } from "../../kernel/open-volume.ts";

/** Where volumes are: DRUPE_VOLUMES, else below XDG_DATA_HOME (XDG Base Directory), else below ~/.local/share. */
export function volumeFolder(env: Readonly<Record<string, string | undefined>>, home: string): string {
  if (env.DRUPE_VOLUMES) return env.DRUPE_VOLUMES;
  // The specification tells to ignore a relative path.
  const base = env.XDG_DATA_HOME?.startsWith("/") ? env.XDG_DATA_HOME : `${home}/.local/share`;
  return `${base}/drupe/volumes`;
}

/** Opens a volume for one guest; it is made if there is none. */
export function openVolume(
  folder: string,
  {
    name,
    mountPoint,
    readOnly,
  }: { readonly name: string; readonly mountPoint: ByteString; readonly readOnly: boolean },
): OpenVolume | VolumeRefusal {
  if (!isVolumeName(name)) {
    return new VolumeRefusal(
      `${name} is no name of a volume`,
      "Names have letters, digits, and _ . - behind the first.",
    );
  }
  const place = join(folder, name);
  const fd = openFile(folder, place);
  if (fd instanceof VolumeRefusal) return fd;
  const store = new FileStore(fd);
  const refused = lock(fd, name, place);
  if (refused === undefined) return new OpenVolume({ name, mountPoint, readOnly, place, store }, () => store.close());
  store.close();
  return refused;
}

function openFile(folder: string, place: string): number | VolumeRefusal {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const fd = openSync(place, constants.O_RDWR | constants.O_CREAT, 0o600);
    if (fstatSync(fd).size === 0) keepName(folder);
    return fd;
  } catch (error) {
    const { code = "EIO" } = error as NodeJS.ErrnoException;
    return new VolumeRefusal(`${place} cannot be opened: ${code}`, "Name a folder that can be written: DRUPE_VOLUMES.");
  }
}

/** A new name is as durable as what is written under it only when its folder is. */
function keepName(folder: string): void {
  const fd = openSync(folder, constants.O_RDONLY);
  fsyncSync(fd);
  closeSync(fd);
}

const HELD = 1;

/**
 * Locks an open file for this process.
 *
 * Node has no call for it. But flock(2) locks belong to what open(2) made, not to the process: flock(1) locks what it is
 * given, and it stays locked when that has ended, up to when this process closes it or ends in whatever way.
 */
function lock(fd: number, name: string, place: string): VolumeRefusal | undefined {
  const { status, error } = spawnSync("flock", ["-n", "-x", "3"], { stdio: ["ignore", "ignore", "ignore", fd] });
  if (status === 0) return undefined;
  if (status === HELD) {
    return new VolumeRefusal(
      `another machine has the volume ${name}`,
      "Wait until it has ended, or name another volume: one machine at a time has it.",
    );
  }
  return new VolumeRefusal(
    `the volume ${name} cannot be locked: ${error?.message ?? `flock ended with ${status}`}`,
    `Volumes need flock(1), of util-linux or busybox, and a file system that knows locks at ${place}.`,
  );
}

/** An open file. */
class FileStore implements HostStore {
  /** -1 once it is closed: another file may have the number. */
  private fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  get size(): number {
    return fstatSync(this.fd).size;
  }

  read(into: Uint8Array, offset: number): number | HostError {
    return attempt(() => {
      let done = 0;
      for (let count = -1; done < into.length && count !== 0; done += count)
        count = readSync(this.fd, into, done, into.length - done, offset + done);
      return done;
    });
  }

  write(from: Uint8Array, offset: number): HostError | undefined {
    return attempt(() => {
      for (let done = 0; done < from.length; )
        done += writeSync(this.fd, from, done, from.length - done, offset + done);
      return undefined;
    });
  }

  flush(): HostError | undefined {
    return attempt(() => fsyncSync(this.fd) as undefined);
  }

  truncate(size: number): HostError | undefined {
    return attempt(() => ftruncateSync(this.fd, size) as undefined);
  }

  close(): void {
    closeSync(this.fd);
    this.fd = -1;
  }
}

const NO_ROOM: ReadonlySet<string | undefined> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

function attempt<T>(operation: () => T): T | HostError {
  try {
    return operation();
  } catch (error) {
    return new HostError(NO_ROOM.has((error as NodeJS.ErrnoException).code) ? "ENOSPC" : "EIO");
  }
}
