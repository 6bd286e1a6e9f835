import { EEXIST, EINVAL, ELOOP, ENOENT, type Result } from "../../abi/errno.ts";
import { EPOLL_MODE, POLL, POLL_READABLE } from "../../abi/poll.ts";
import type { Fd } from "../../abi/types.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Sleeper } from "../../kernel/wait.ts";
import { AnonymousFile, type Dependent, type OpenFile } from "../posix-fdtab/index.ts";

/** What is reported of one file: the bits that are ready, and the program's own word. */
export interface EpollEvent {
  readonly events: number;
  readonly data: bigint;
}

/** As deep as epoll files may watch one another (EP_MAX_NESTS in fs/eventpoll.c). */
const MAX_NESTS = 4;

/** A registration: it sleeps at the file, and is put on the ready list when the file says that something changed. */
class Item implements Sleeper {
  readonly file: OpenFile;
  readonly fd: Fd;
  private readonly owner: Epoll;
  /** POLL bits and modes. */
  events: number;
  data: bigint;
  private asleep = false;

  constructor(owner: Epoll, file: OpenFile, fd: Fd, { events, data }: EpollEvent) {
    this.owner = owner;
    this.file = file;
    this.fd = fd;
    this.events = events | ALWAYS;
    this.data = data;
  }

  get edgeTriggered(): boolean {
    return (this.events & EPOLL_MODE.ET) !== 0;
  }

  get oneShot(): boolean {
    return (this.events & EPOLL_MODE.ONESHOT) !== 0;
  }

  /** A queue forgets whom it has woken: the item lies down again when the file is looked at. */
  wake(): void {
    this.asleep = false;
    this.owner.changed(this);
  }

  /** Looks at the file, after lying down: a change in between cannot be missed. */
  look(): number {
    if (!this.asleep) {
      this.file.readiness.add(this);
      this.asleep = true;
    }
    const wanted = this.events & BITS;
    return wanted === 0 ? 0 : this.file.poll() & wanted;
  }

  remove(): void {
    this.file.readiness.remove(this);
  }
}

const MODES = EPOLL_MODE.EXCLUSIVE | EPOLL_MODE.WAKEUP | EPOLL_MODE.ONESHOT | EPOLL_MODE.ET;
const BITS = ~MODES;
/** What is reported unasked, until a one-shot registration was used up. */
const ALWAYS = POLL.ERR | POLL.HUP;

/** An epoll file (epoll(7); fs/eventpoll.c): watches files, and lists those that changed. */
export class Epoll extends AnonymousFile implements Dependent {
  private readonly items = new Map<OpenFile, Map<Fd, Item>>();
  /** Items that may be ready, in the order in which they became so. */
  private readonly list = new Set<Item>();

  constructor(kernel: Kernel) {
    super(kernel, 0, "eventpoll");
  }

  override poll(): number {
    for (const item of this.list) {
      if (item.look() !== 0) return POLL_READABLE;
      this.list.delete(item);
    }
    return 0;
  }

  add(file: OpenFile, fd: Fd, event: EpollEvent): Result<0> {
    const ofFile = this.items.get(file) ?? new Map<Fd, Item>();
    if (ofFile.has(fd)) return EEXIST;
    if (file instanceof Epoll && (file.watches(this) || file.depth() >= MAX_NESTS)) return ELOOP;
    const item = new Item(this, file, fd, event);
    ofFile.set(fd, item);
    this.items.set(file, ofFile);
    file.addDependent(this);
    if (item.look() !== 0) this.changed(item);
    return 0;
  }

  modify(file: OpenFile, fd: Fd, { events, data }: EpollEvent): Result<0> {
    const item = this.items.get(file)?.get(fd);
    if (item === undefined) return ENOENT;
    if ((item.events | events) & EPOLL_MODE.EXCLUSIVE) return EINVAL;
    item.events = events | ALWAYS;
    item.data = data;
    if (item.look() !== 0) this.changed(item);
    return 0;
  }

  delete(file: OpenFile, fd: Fd): Result<0> {
    const ofFile = this.items.get(file);
    const item = ofFile?.get(fd);
    if (ofFile === undefined || item === undefined) return ENOENT;
    this.forget(item);
    ofFile.delete(fd);
    if (ofFile.size === 0) {
      this.items.delete(file);
      file.removeDependent(this);
    }
    return 0;
  }

  /** An item's file may have become ready. */
  changed(item: Item): void {
    this.list.add(item);
    this.readiness.wake();
  }

  /**
   * Takes up to so many events. What is level-triggered stays on the list, behind the others, so that all get their turn
   * (ep_send_events).
   */
  harvest(maximum: number): readonly EpollEvent[] {
    const events: EpollEvent[] = [];
    const again: Item[] = [];
    for (const item of this.list) {
      if (events.length === maximum) break;
      this.list.delete(item);
      const ready = item.look();
      if (ready === 0) continue;
      events.push({ events: ready, data: item.data });
      if (item.oneShot) item.events &= MODES;
      else if (!item.edgeTriggered) again.push(item);
    }
    for (const item of again) this.list.add(item);
    return events;
  }

  fileReleased(file: OpenFile): void {
    for (const item of this.items.get(file)?.values() ?? []) this.forget(item);
    this.items.delete(file);
  }

  protected override released(): void {
    for (const [file, ofFile] of this.items) {
      for (const item of ofFile.values()) this.forget(item);
      file.removeDependent(this);
    }
    this.items.clear();
  }

  private forget(item: Item): void {
    item.remove();
    this.list.delete(item);
  }

  /** Whether it watches another epoll file, directly or through others. */
  private watches(other: Epoll): boolean {
    if (this === other) return true;
    for (const file of this.items.keys()) if (file instanceof Epoll && file.watches(other)) return true;
    return false;
  }

  private depth(): number {
    let deepest = 0;
    for (const file of this.items.keys()) if (file instanceof Epoll) deepest = Math.max(deepest, file.depth());
    return deepest + 1;
  }
}
