import { EEXIST, EINVAL, ENOENT, ENOSPC, Errno, type Result } from "../../abi/errno.ts";
import { IPC } from "../../abi/ipc.ts";
import type { Process } from "../../kernel/process.ts";
import { checkUse, type IpcObject } from "./ipc-object.ts";

/** An identifier is a place, and above it how often places were used again. (IPCMNI_SHIFT, ipcid_seq_max) */
const PLACES = 1 << 15;
const SEQUENCES = Math.floor(0x7fff_ffff / PLACES);

/** Places are used again only behind so many, or half more than are taken: identifiers stay unlike each other. (ipc_min_cycle) */
const SHORTEST_CYCLE = 64;

/** What a *get call asks for. */
export interface GetRequest<T> {
  readonly key: number;
  readonly flags: number;
  /** As many objects of the kind as there may be. */
  readonly limit: number;
  make(): Result<T>;
  /** Whether an object that is there will do. */
  check(found: T): Errno | undefined;
}

/** All objects of one kind, by identifiers and by keys. (struct ipc_ids of Linux ipc/util.c) */
export class Identifiers<T extends IpcObject> implements Iterable<T> {
  private readonly places = new Map<number, T>();
  private readonly keys = new Map<number, T>();
  private next = 0;
  private last = -1;
  private sequence = 0;

  get size(): number {
    return this.places.size;
  }

  /** In the order of their places. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (const place of [...this.places.keys()].sort((a, b) => a - b)) yield this.places.get(place)!;
  }

  /** The highest place that is taken, 0 if none is: what IPC_INFO answers. */
  get highestPlace(): number {
    return Math.max(0, ...this.places.keys());
  }

  /** The object that an identifier names now; EINVAL if there is none. */
  find(id: number): Result<T> {
    const found = this.places.get(id % PLACES);
    return found?.id === id ? found : EINVAL;
  }

  /** The object at a place, whatever its identifier. */
  at(place: number): Result<T> {
    return this.places.get(place % PLACES) ?? EINVAL;
  }

  /** Finds an object by its key, or makes one; answers its identifier. (ipcget) */
  get(process: Process, { key, flags, limit, make, check }: GetRequest<T>): Result<number> {
    const found = key === IPC.PRIVATE ? undefined : this.keys.get(key);
    if (found !== undefined) {
      if ((flags & IPC.CREAT) !== 0 && (flags & IPC.EXCL) !== 0) return EEXIST;
      return check(found) ?? checkUse(process, found, flags) ?? found.id;
    }
    if (key !== IPC.PRIVATE && (flags & IPC.CREAT) === 0) return ENOENT;
    const made = make();
    if (made instanceof Errno) return made;
    if (this.size >= limit) return ENOSPC;
    this.add(made);
    return made.id;
  }

  /** Takes an object away; its identifier means nothing any more. */
  remove(object: T): void {
    this.places.delete(object.id % PLACES);
    this.removeKey(object);
    object.removed = true;
    object.release();
  }

  /** No key leads to an object any more. (ipc_set_key_private) */
  removeKey(object: T): void {
    if (this.keys.get(object.key) === object) this.keys.delete(object.key);
    object.key = IPC.PRIVATE;
  }

  /** ipc_addid and ipc_idr_alloc: the first free place behind the one that was given out last, or from the start. */
  private add(object: T): void {
    const end = Math.min(Math.max(Math.floor((this.size * 3) / 2), SHORTEST_CYCLE), PLACES);
    const place = this.freePlace(this.next, end) ?? this.freePlace(0, end)!;
    this.next = place + 1;
    if (place <= this.last) this.sequence = (this.sequence + 1) % SEQUENCES;
    this.last = place;
    object.sequence = this.sequence;
    object.id = this.sequence * PLACES + place;
    this.places.set(place, object);
    if (object.key !== IPC.PRIVATE) this.keys.set(object.key, object);
  }

  private freePlace(from: number, end: number): number | undefined {
    for (let place = from; place < end; place++) if (!this.places.has(place)) return place;
    return undefined;
  }
}
