import assert from "node:assert/strict";
import { test } from "node:test";
import { EI, ELFCLASS, ELFDATA, EM_RISCV, ET, elfHeader, PF, PT, programHeader } from "../../abi/elf.ts";
import { ELIBBAD, ENOEXEC, ENOMEM } from "../../abi/errno.ts";
import { type ByteString, bytesOf } from "../../base/bytes.ts";
import { type ElfImage, parseElf } from "./elf-image.ts";
import { LoadError } from "./load-error.ts";
import { vdso } from "./vdso.ts";

const HEADERS_AT = elfHeader.size;
const INTERPRETER = "/lib/ld.so\0" as ByteString;
const INTERPRETER_AT = 0x200;
const SIZE = 0x1800;

/** A small well-formed executable: text, data with .bss, an interpreter. */
function sample(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SIZE);
  const view = new DataView(bytes.buffer);
  const ident = [0x7f, 0x45, 0x4c, 0x46, ELFCLASS.CLASS64, ELFDATA.LSB, 1, ...new Array<number>(9).fill(0)];
  elfHeader.write(view, 0, {
    ident,
    type: ET.EXEC,
    machine: EM_RISCV,
    version: 1,
    entry: 0x10100,
    phoff: HEADERS_AT,
    shoff: 0,
    flags: 5,
    ehsize: elfHeader.size,
    phentsize: programHeader.size,
    phnum: 4,
    shentsize: 0,
    shnum: 0,
    shstrndx: 0,
  });
  const headers = [
    { type: PT.INTERP, flags: PF.R, offset: INTERPRETER_AT, vaddr: 0, filesz: INTERPRETER.length, memsz: 0, align: 1 },
    { type: PT.LOAD, flags: PF.R | PF.X, offset: 0, vaddr: 0x10000, filesz: 0x1000, memsz: 0x1000, align: 0x1000 },
    { type: PT.LOAD, flags: PF.R | PF.W, offset: 0x1000, vaddr: 0x12000, filesz: 0x800, memsz: 0x3000, align: 0x1000 },
    { type: PT.GNU_STACK, flags: PF.R | PF.W | PF.X, offset: 0, vaddr: 0, filesz: 0, memsz: 0, align: 16 },
  ];
  for (const [i, header] of headers.entries()) {
    programHeader.write(view, HEADERS_AT + i * programHeader.size, { ...header, paddr: 0 });
  }
  bytes.set(bytesOf(INTERPRETER), INTERPRETER_AT);
  return bytes;
}

function parse(bytes: Uint8Array<ArrayBuffer>, role: "program" | "interpreter" = "program"): ElfImage | LoadError {
  const read = (offset: number, length: number) =>
    offset > bytes.length ? undefined : bytes.slice(offset, offset + length);
  return parseElf({ name: "/prog" as ByteString, size: bytes.length, read }, role);
}

/** The sample with some bytes changed. */
function changed(edit: (view: DataView) => void): Uint8Array<ArrayBuffer> {
  const bytes = sample();
  edit(new DataView(bytes.buffer));
  return bytes;
}

const header = (index: number, field: keyof typeof programHeader.offsets): number =>
  HEADERS_AT + index * programHeader.size + programHeader.offsets[field];

test("a well-formed executable is described", () => {
  const image = parse(sample());
  assert.ok(!(image instanceof LoadError));
  const { segments, ...rest } = image;
  assert.deepEqual(rest, {
    relocatable: false,
    entry: 0x10100,
    headers: 0x10000 + HEADERS_AT,
    headerCount: 4,
    start: 0x10000,
    end: 0x15000,
    align: 0x1000,
    interpreter: "/lib/ld.so",
    executableStack: true,
  });
  assert.deepEqual(segments[1], { offset: 0x1000, vaddr: 0x12000, filesz: 0x800, memsz: 0x3000, prot: 3 });
});

const refusals: readonly { what: string; edit: (view: DataView) => void; message: RegExp; errno?: unknown }[] = [
  { what: "x86-64", edit: (v) => v.setUint16(18, 62, true), message: /built for x86-64/ },
  { what: "aarch64", edit: (v) => v.setUint16(18, 183, true), message: /built for aarch64/ },
  { what: "32-bit RISC-V", edit: (v) => v.setUint8(EI.CLASS, 1), message: /32-bit RISC-V/ },
  {
    what: "big-endian",
    edit: (v) => {
      v.setUint8(EI.DATA, ELFDATA.MSB);
      v.setUint16(18, 22, false);
    },
    message: /s390x, big-endian/,
  },
  { what: "an object file", edit: (v) => v.setUint16(16, ET.REL, true), message: /not an executable/ },
  { what: "no program headers", edit: (v) => v.setUint16(56, 0, true), message: /no program headers/ },
  {
    what: "more in the file than in memory",
    edit: (v) => v.setUint32(header(2, "filesz"), 0x7000, true),
    message: /more bytes/,
  },
  {
    what: "a segment beyond the file",
    edit: (v) => v.setUint32(header(1, "filesz") + 1, 0x20, true),
    message: /segment/,
  },
  {
    what: "a segment out of step with pages",
    edit: (v) => v.setUint32(header(2, "vaddr"), 0x12010, true),
    message: /not aligned/,
  },
  {
    what: "segments in the wrong order",
    edit: (v) => v.setUint32(header(2, "vaddr"), 0x10000, true),
    message: /overlap/,
  },
  {
    what: "an endless interpreter name",
    edit: (v) => v.setUint32(header(0, "filesz"), 5, true),
    message: /does not end/,
  },
  {
    what: "an address in the kernel's arena",
    edit: (v) => v.setUint32(header(2, "vaddr"), 0x0f00_0000, true),
    message: /position-independent/,
    errno: ENOMEM,
  },
];
for (const { what, edit, message, errno } of refusals) {
  test(`refused and explained: ${what}`, () => {
    const answer = parse(changed(edit));
    assert.ok(answer instanceof LoadError);
    assert.equal(answer.errno, errno ?? ENOEXEC);
    assert.match(String(answer), message);
  });
}

test("what is wrong with an interpreter is ELIBBAD", () => {
  const answer = parse(
    changed((v) => v.setUint16(18, 62, true)),
    "interpreter",
  );
  assert.ok(answer instanceof LoadError && answer.errno === ELIBBAD);
});

test("truncations and bit flips are refused or parsed, and never throw", () => {
  const whole = sample();
  for (let length = 0; length <= whole.length; length += length < 0x300 ? 1 : 97) parse(whole.slice(0, length));
  for (let bit = 0; bit < 0x210 * 8; bit++)
    parse(changed((v) => v.setUint8(bit >> 3, v.getUint8(bit >> 3) ^ (1 << (bit & 7)))));
  let seed = 7;
  for (let round = 0; round < 5000; round++) {
    const bytes = sample();
    for (let i = 0; i < 4; i++) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      bytes[(seed >>> 8) % 0x210] = seed >>> 24;
    }
    const answer = parse(bytes);
    if (answer instanceof LoadError) continue;
    // Whatever is accepted can be mapped without looking twice.
    for (const { offset, vaddr, filesz, memsz } of answer.segments) {
      assert.ok(
        offset + filesz <= bytes.length && filesz <= memsz && vaddr + memsz <= answer.end && vaddr >= answer.start,
      );
    }
  }
});

test("the vDSO is an object that the parser accepts", () => {
  const { file, sigreturn } = vdso();
  const bytes = new Uint8Array(file.size);
  file.read(0, bytes);
  const image = parse(bytes);
  assert.ok(!(image instanceof LoadError));
  assert.equal(image.relocatable, true);
  // What libgcc's and gdb's unwinders look for: li a7, 139; ecall.
  const view = new DataView(bytes.buffer);
  assert.equal(view.getUint32(sigreturn, true), 0x08b0_0893);
  assert.equal(view.getUint32(sigreturn + 4, true), 0x73);
});
