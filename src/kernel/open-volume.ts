import type { HostStore, HostVolume } from "./host.ts";

/** A volume that a host has opened: the host closes it when the machine is over. */
export class OpenVolume implements HostVolume {
  readonly name: string;
  readonly mountPoint: HostVolume["mountPoint"];
  readonly readOnly: boolean;
  readonly place: string;
  readonly store: HostStore;
  private readonly calls: (() => string | undefined)[] = [];
  private readonly release: () => void;

  /** @param release - closes the store. */
  constructor(volume: Omit<HostVolume, "onClose">, release: () => void) {
    const { name, mountPoint, readOnly, place, store } = volume;
    this.name = name;
    this.mountPoint = mountPoint;
    this.readOnly = readOnly;
    this.place = place;
    this.store = store;
    this.release = release;
  }

  onClose(call: () => string | undefined): void {
    this.calls.push(call);
  }

  /** Closes it; answers, in sentences, what could not be kept. */
  close(): readonly string[] {
    try {
      return this.calls.splice(0).flatMap((call) => call() ?? []);
    } finally {
      this.release();
    }
  }
}

/** Closes volumes; answers what could not be kept of them. */
export function closeVolumes(volumes: readonly OpenVolume[]): string | undefined {
  const lost = volumes.flatMap((volume) => volume.close());
  return lost.length === 0 ? undefined : lost.join("\n");
}

/** What volumes may be called, as Docker's. */
const NAME = /^[A-Za-z0-9][\w.-]*$/;

export function isVolumeName(name: string): boolean {
  return NAME.test(name);
}

/** A volume that cannot be had, and what to do about it. */
export class VolumeRefusal {
  readonly message: string;
  readonly cure: string;

  constructor(message: string, cure: string) {
    this.message = message;
    this.cure = cure;
  }
}
