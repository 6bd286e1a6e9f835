import assert from "node:assert/strict";
import { test } from "node:test";
import { EACCES, EEXIST, EINVAL, ENOMEM, Errno, type Result } from "../../abi/errno.ts";
import { MREMAP, PROT } from "../../abi/mman.ts";
import { RLIMIT } from "../../abi/resource.ts";
import type { ByteString } from "../../base/bytes.ts";
import { type ScriptedSpace, TestKernel } from "../../host/test/index.ts";
import { LAYOUT, PAGE_SIZE } from "../../machine/memory.ts";
import { resourceLimit } from "../hooks.ts";
import { defineLibrary } from "../library.ts";
import type { AddressSpace, MapRequest } from "./address-space.ts";
import { type FileView, FileViews, type MappableFile } from "./mappable.ts";

const RW = PROT.READ | PROT.WRITE;
const RX = PROT.READ | PROT.EXEC;
const AT = 0x3000_0000;

function boot(memoryBytes = 64 << 20): { k: TestKernel; mm: AddressSpace; space: ScriptedSpace } {
  const k = new TestKernel([], { limits: { memoryBytes } });
  const { mm } = k.process();
  return { k, mm, space: mm.space as ScriptedSpace };
}

function remap(
  mm: AddressSpace,
  ...[old, oldLength, newLength, flags, newAddress]: [number, number, number, number, number]
) {
  return mm.remap({ old, oldLength, newLength, flags, newAddress }, () => true);
}

const page = (n: number): number => AT + n * PAGE_SIZE;

function map(mm: AddressSpace, request: Partial<MapRequest> = {}): Result<number> {
  return mm.map({
    address: 0,
    length: PAGE_SIZE,
    prot: RW,
    kind: "hint",
    backing: "anonymous",
    shared: false,
    ...request,
  });
}

function fixed(mm: AddressSpace, first: number, count: number, request: Partial<MapRequest> = {}): void {
  const answer = map(mm, { address: page(first), length: count * PAGE_SIZE, kind: "fixed", ...request });
  assert.equal(answer, page(first));
}

/** Mappings as page numbers from AT on: "0-2rw 2-3r". */
function shape(mm: AddressSpace): string {
  return [...mm.areas()]
    .map(({ start, end, prot }) => {
      const flags =
        `${prot & PROT.READ ? "r" : ""}${prot & PROT.WRITE ? "w" : ""}${prot & PROT.EXEC ? "x" : ""}` || "-";
      return `${(start - AT) / PAGE_SIZE}-${(end - AT) / PAGE_SIZE}${flags}`;
    })
    .join(" ");
}

class TestFile implements MappableFile {
  readonly name = "/file" as ByteString;
  readonly device = 1;
  readonly inode: number;
  readonly bytes: Uint8Array;
  write?: (offset: number, from: Uint8Array) => number;

  constructor(bytes: Uint8Array, { writable = false, inode = 5 } = {}) {
    this.bytes = bytes;
    this.inode = inode;
    if (writable) {
      this.write = (offset, from) => {
        this.bytes.set(from, offset);
        return from.length;
      };
    }
  }

  get size(): number {
    return this.bytes.length;
  }

  read(offset: number, into: Uint8Array): number {
    const part = this.bytes.subarray(offset, offset + into.length);
    into.set(part);
    return part.length;
  }
}

test("map places mappings without a hint bottom-up and dense", () => {
  const { mm } = boot();
  assert.equal(map(mm, { length: 1 }), LAYOUT.mapLow);
  assert.equal(map(mm, { length: 2 * PAGE_SIZE }), LAYOUT.mapLow + PAGE_SIZE);
  mm.unmap(LAYOUT.mapLow, 1);
  assert.equal(map(mm), LAYOUT.mapLow);
});

test("map follows a hint if the place is free, and ignores one beyond 4 GiB", () => {
  const { mm } = boot();
  assert.equal(map(mm, { address: AT + 5 }), AT);
  assert.equal(map(mm, { address: AT }), LAYOUT.mapLow);
  assert.equal(map(mm, { address: 0xc0_0000_0000 }), LAYOUT.mapLow + PAGE_SIZE);
});

const refusals: readonly { what: string; request: Partial<MapRequest>; want: Errno }[] = [
  { what: "a length of 0", request: { length: 0 }, want: EINVAL },
  { what: "a fixed address beyond 4 GiB", request: { address: 0x1_0000_0000, kind: "fixed" }, want: ENOMEM },
  { what: "a fixed address that is not a page", request: { address: AT + 1, kind: "fixed" }, want: EINVAL },
  {
    what: "a fixed address within the kernel's arena",
    request: { address: LAYOUT.pageTable, kind: "fixed" },
    want: ENOMEM,
  },
  { what: "a length beyond all addresses", request: { length: 2 ** 40 }, want: ENOMEM },
  { what: "a length beyond 4 GiB", request: { length: 2 ** 33 }, want: ENOMEM },
  { what: "more than the machine has", request: { length: 65 << 20 }, want: ENOMEM },
];
for (const { what, request, want } of refusals) {
  test(`map refuses ${what}`, () => {
    assert.equal(map(boot().mm, request), want);
  });
}

test("map with MAP_FIXED replaces, with MAP_FIXED_NOREPLACE refuses", () => {
  const { mm } = boot();
  fixed(mm, 0, 4);
  assert.equal(map(mm, { address: page(3), length: 2 * PAGE_SIZE, kind: "fixedNoReplace" }), EEXIST);
  fixed(mm, 1, 1, { prot: PROT.READ });
  assert.equal(shape(mm), "0-1rw 1-2r 2-4rw");
  assert.equal(map(mm, { address: page(4), kind: "fixedNoReplace" }), page(4));
  assert.equal(shape(mm), "0-1rw 1-2r 2-5rw");
});

test("unmapped memory reads zero when it is mapped again", () => {
  const { mm } = boot();
  fixed(mm, 0, 3);
  mm.write(page(0), new Uint8Array(3 * PAGE_SIZE).fill(7));
  mm.unmap(page(1), PAGE_SIZE);
  assert.ok(mm.read(page(1), 1) instanceof Errno);
  fixed(mm, 1, 1);
  const bytes = mm.read(page(0), 3 * PAGE_SIZE);
  assert.ok(bytes instanceof Uint8Array);
  assert.deepEqual(
    [bytes[PAGE_SIZE - 1], bytes[PAGE_SIZE], bytes[2 * PAGE_SIZE - 1], bytes[2 * PAGE_SIZE]],
    [7, 0, 0, 7],
  );
});

test("a reservation costs nothing until it is made accessible, and reads zero then", () => {
  const { k, mm } = boot();
  fixed(mm, 0, 4);
  mm.write(page(0), new Uint8Array(4 * PAGE_SIZE).fill(7));
  mm.unmap(page(0), 4 * PAGE_SIZE);
  assert.equal(map(mm, { length: 1 << 30, prot: PROT.NONE }), LAYOUT.mapLow);
  fixed(mm, 0, 4, { prot: PROT.NONE });
  assert.equal(k.kernel.usedMemory, 0);
  assert.equal(mm.protect(page(1), PAGE_SIZE, RW), 0);
  assert.equal(k.kernel.usedMemory, PAGE_SIZE);
  assert.equal(mm.readU32(page(1)), 0);
  assert.equal(mm.protect(LAYOUT.mapLow, 128 << 20, RW), ENOMEM);
});

test("protect splits, merges, and stops with ENOMEM at a hole", () => {
  const { mm } = boot();
  fixed(mm, 0, 4);
  assert.equal(mm.protect(page(1), 2 * PAGE_SIZE, PROT.READ), 0);
  assert.equal(shape(mm), "0-1rw 1-3r 3-4rw");
  assert.equal(mm.protect(page(1), 2 * PAGE_SIZE, RW), 0);
  assert.equal(shape(mm), "0-4rw");
  assert.equal(mm.protect(page(3), 2 * PAGE_SIZE, PROT.NONE), ENOMEM);
  assert.equal(shape(mm), "0-3rw 3-4-");
  assert.equal(mm.protect(page(9), 0, RW), 0);
  assert.equal(mm.protect(page(0) + 1, 1, RW), EINVAL);
  assert.equal(mm.protect(page(0), 1, PROT.GROWSDOWN), EINVAL);
});

test("a program that takes access away from used memory gets precise faults; one that finishes code does not", () => {
  const { mm } = boot();
  const policy = (): string => {
    mm.settlePolicy();
    return mm.space.options.policy;
  };
  fixed(mm, 0, 2);
  fixed(mm, 8, 2, { prot: PROT.NONE });
  mm.protect(page(8), PAGE_SIZE, RW);
  mm.protect(page(0), PAGE_SIZE, RX);
  assert.equal(policy(), "null");
  mm.protect(page(1), PAGE_SIZE, PROT.READ);
  assert.equal(policy(), "paged");
});

test("a file is mapped with zeros behind its end, and faults behind its last page", () => {
  const { mm } = boot();
  const file = new TestFile(new Uint8Array(PAGE_SIZE + 10).fill(9));
  fixed(mm, 0, 3);
  mm.write(page(0), new Uint8Array(3 * PAGE_SIZE).fill(1));
  fixed(mm, 0, 3, { prot: PROT.READ, backing: { file, offset: 0 } });
  assert.equal(mm.readU32(page(1) + 8), 0x0909);
  assert.equal(mm.readU32(page(2) - 4), 0);
  assert.equal(mm.memory.accessAt(page(2)), 0);
  assert.equal(mm.areaAt(page(2))?.prot, PROT.READ);
  fixed(mm, 4, 1, { backing: { file, offset: PAGE_SIZE } });
  mm.write(page(4), Uint8Array.of(1, 2));
  assert.equal(file.bytes[PAGE_SIZE], 9);
  mm.discard(page(4), PAGE_SIZE);
  assert.equal(mm.readU32(page(4)), 0x0909_0909);
  assert.deepEqual(
    [...mm.areas()].map(({ offset }) => offset),
    [0, PAGE_SIZE],
  );
});

test("a shared mapping reaches its file by msync, munmap and the end, changed pages only", () => {
  const { mm, k } = boot();
  const file = new TestFile(new Uint8Array(3 * PAGE_SIZE), { writable: true });
  fixed(mm, 0, 3, { backing: { file, offset: 0 }, shared: true });
  mm.writeU32(page(0), 1);
  file.bytes[PAGE_SIZE] = 5;
  assert.equal(mm.sync(page(0), 2 * PAGE_SIZE), 0);
  assert.deepEqual([file.bytes[0], file.bytes[PAGE_SIZE]], [1, 5]);
  mm.writeU32(page(1), 2);
  mm.unmap(page(1), PAGE_SIZE);
  assert.equal(file.bytes[PAGE_SIZE], 2);
  mm.writeU32(page(2), 3);
  k.kernel.stop();
  assert.equal(file.bytes[2 * PAGE_SIZE], 3);
});

test("two views of a page agree, whichever is used", () => {
  const { mm } = boot();
  const file = new TestFile(new Uint8Array(2 * PAGE_SIZE), { writable: true });
  fixed(mm, 0, 2, { backing: { file, offset: 0 }, shared: true });
  mm.writeU32(page(0), 1);
  mm.settlePolicy();
  assert.equal(mm.space.options.policy, "null");
  fixed(mm, 4, 1, { backing: { file, offset: 0 }, shared: true });
  mm.settlePolicy();
  assert.equal(mm.space.options.policy, "paged");
  assert.equal(mm.memory.accessAt(page(4)), 0);
  assert.equal(mm.readU32(page(4)), 1);
  assert.deepEqual([mm.memory.accessAt(page(0)), mm.memory.accessAt(page(4))], [PROT.READ, PROT.READ]);
  mm.writeU32(page(4), 2);
  assert.deepEqual([mm.memory.accessAt(page(0)), mm.memory.accessAt(page(4))], [0, RW]);
  assert.equal(mm.readU32(page(0)), 2);
  mm.writeU32(page(0), 3);
  mm.unmap(page(0), PAGE_SIZE);
  assert.equal(file.bytes[0], 3);
  assert.equal(mm.readU32(page(4)), 3);
});

test("a shared mapping follows the file's size and what is written to it", () => {
  const { mm } = boot();
  let size = 2 * PAGE_SIZE;
  const views = new FileViews();
  const file = new TestFile(new Uint8Array(2 * PAGE_SIZE).fill(7), { writable: true });
  const shown = Object.defineProperty(Object.assign(Object.create(file), { views }), "size", { get: () => size });
  fixed(mm, 0, 2, { backing: { file: shown, offset: 0 }, shared: true });
  assert.equal(views.size, 1);
  const tell = (change: (view: FileView) => void): void => views.forEach(change);
  mm.writeU32(page(0), 1);
  tell((view) => view.flush(0, 4));
  assert.equal(file.bytes[0], 1);
  file.bytes[4] = 9;
  tell((view) => view.changed(4, 1));
  assert.equal(mm.readU32(page(0) + 4), 0x0707_0709);
  size = 5;
  tell((view) => view.changed(5, Number.POSITIVE_INFINITY));
  assert.ok(mm.readU32(page(1)) instanceof Errno);
  size = 2 * PAGE_SIZE;
  tell((view) => view.changed(5, Number.POSITIVE_INFINITY));
  assert.equal(mm.readU32(page(1)), 0x0707_0707);
  mm.unmap(page(0), 2 * PAGE_SIZE);
  assert.equal(views.size, 0);
});

test("a shared mapping of a file that was opened for reading cannot become writable", () => {
  const { mm } = boot();
  fixed(mm, 0, 1, { backing: { file: new TestFile(new Uint8Array(9)), offset: 0 }, shared: true, prot: PROT.READ });
  assert.equal(mm.protect(page(0), 1, RW), EACCES);
});

test("remap grows in place where it can, else moves with the contents", () => {
  const { mm } = boot();
  fixed(mm, 0, 2);
  mm.writeU32(page(1), 42);
  assert.equal(remap(mm, page(0), 2 * PAGE_SIZE, 3 * PAGE_SIZE, 0, 0), page(0));
  assert.equal(shape(mm), "0-3rw");
  fixed(mm, 3, 1, { prot: PROT.READ });
  assert.equal(remap(mm, page(0), 3 * PAGE_SIZE, 4 * PAGE_SIZE, 0, 0), ENOMEM);
  const moved = remap(mm, page(0), 3 * PAGE_SIZE, 4 * PAGE_SIZE, MREMAP.MAYMOVE, 0);
  assert.equal(moved, LAYOUT.mapLow);
  assert.equal(mm.readU32(LAYOUT.mapLow + PAGE_SIZE), 42);
  assert.equal(mm.isMapped(page(0), PAGE_SIZE), false);
  assert.equal(remap(mm, LAYOUT.mapLow, 4 * PAGE_SIZE, PAGE_SIZE, 0, 0), LAYOUT.mapLow);
  assert.equal(mm.isMapped(LAYOUT.mapLow + PAGE_SIZE, 1), false);
});

test("remap to a fixed place replaces what is there; MREMAP_DONTUNMAP leaves zeros behind", () => {
  const { mm } = boot();
  fixed(mm, 0, 1);
  fixed(mm, 5, 1, { prot: PROT.READ });
  mm.writeU32(page(0), 42);
  assert.equal(remap(mm, page(0), PAGE_SIZE, PAGE_SIZE, MREMAP.MAYMOVE | MREMAP.FIXED, page(5)), page(5));
  assert.equal(shape(mm), "5-6rw");
  const kept = remap(mm, page(5), PAGE_SIZE, PAGE_SIZE, MREMAP.MAYMOVE | MREMAP.DONTUNMAP, 0);
  assert.equal(kept, LAYOUT.mapLow);
  assert.deepEqual([mm.readU32(LAYOUT.mapLow), mm.readU32(page(5))], [42, 0]);
  assert.equal(remap(mm, page(5), PAGE_SIZE, 0, 0, 0), EINVAL);
  assert.equal(remap(mm, page(5), PAGE_SIZE, PAGE_SIZE, MREMAP.FIXED, page(9)), EINVAL);
});

test("limits of the process bound mappings", () => {
  const limits = new Map<number, number>();
  const limited = defineLibrary({
    name: "limited",
    summary: "limits for a test",
    extends: [resourceLimit.with((_process, resource) => limits.get(resource) ?? Number.POSITIVE_INFINITY)],
  });
  const { mm } = new TestKernel([limited]).process();
  fixed(mm, 0, 2);
  limits.set(RLIMIT.DATA, 3 * PAGE_SIZE);
  assert.equal(map(mm, { length: 2 * PAGE_SIZE }), ENOMEM);
  fixed(mm, 8, 2, { prot: PROT.READ });
  assert.equal(mm.protect(page(8), 2 * PAGE_SIZE, RW), ENOMEM);
  limits.set(RLIMIT.AS, 5 * PAGE_SIZE);
  assert.equal(map(mm, { length: 2 * PAGE_SIZE, prot: PROT.READ }), ENOMEM);
  fixed(mm, 8, 3, { prot: PROT.READ });
});

test("the engine is told of text, and of every change to executable memory", () => {
  const { mm, space } = boot();
  const file = new TestFile(new Uint8Array(2 * PAGE_SIZE).fill(0x13));
  fixed(mm, 0, 2, { prot: RX, backing: { file, offset: 0 } });
  assert.deepEqual(
    space.objects.map(({ start, end }) => [start, end]),
    [[page(0), page(2)]],
  );
  assert.match(space.objects[0]!.contentKey, /^[0-9a-f]{64}$/);
  fixed(mm, 4, 1, { prot: RX });
  assert.equal(space.objects.length, 1);
  assert.deepEqual(space.invalidated, []);
  mm.protect(page(4), PAGE_SIZE, RW);
  mm.unmap(page(1), PAGE_SIZE);
  assert.deepEqual(space.invalidated, [
    [page(4), page(5)],
    [page(1), page(2)],
  ]);
});

test("brk moves both ways, and not into another mapping", () => {
  const { mm } = boot();
  const start = 0x100_0000;
  mm.startBreak(start);
  mm.regions = { ...mm.regions, startBrk: start };
  assert.equal(mm.setBreak(0), start);
  assert.equal(mm.setBreak(start + 10), start + 10);
  assert.equal(mm.writeU32(start + 6, 1), 0);
  map(mm, { address: start + 4 * PAGE_SIZE, kind: "fixed" });
  assert.equal(mm.setBreak(start + 5 * PAGE_SIZE), start + 10);
  assert.equal(mm.setBreak(start + 4 * PAGE_SIZE), start + 4 * PAGE_SIZE);
  assert.equal(mm.setBreak(start), start);
  assert.equal(mm.isMapped(start, 1), false);
});

test("pointers are checked whole", () => {
  const { mm } = boot();
  fixed(mm, 0, 1);
  for (const at of [page(1) - 3, 0x1_0000_0000 + AT, 2 ** 63, 0, 8]) {
    assert.ok(mm.readU32(at) instanceof Errno, `${at}`);
    assert.ok(mm.write(at, new Uint8Array(4)) instanceof Errno, `${at}`);
  }
  assert.ok(mm.read(page(0), -1) instanceof Errno);
  assert.ok(mm.read(page(0), Number.NaN) instanceof Errno);
  assert.equal(mm.allowedLength(page(1) - 100, 200, 1), 100);
  mm.write(page(1) - 2, Uint8Array.of(0x68, 0));
  assert.equal(mm.readCString(page(1) - 2, 4096), "h");
  mm.write(page(1) - 1, Uint8Array.of(0x69));
  assert.ok(mm.readCString(page(1) - 2, 4096) instanceof Errno);
});
