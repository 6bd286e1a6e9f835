import { AT_VECTOR, hwcap } from "../../abi/auxv.ts";
import { programHeader } from "../../abi/elf.ts";
import { E2BIG, ENOMEM, Errno } from "../../abi/errno.ts";
import { PROT } from "../../abi/mman.ts";
import { RLIMIT } from "../../abi/resource.ts";
import type { GuestPtr } from "../../abi/types.ts";
import { PAGE_SIZE } from "../../machine/memory.ts";
import { auxiliaryVector } from "../hooks.ts";
import { limitOf } from "../limits.ts";
import type { AddressSpace } from "../mm/address-space.ts";
import { pageDown, pageUp } from "../mm/mapping.ts";
import type { Process } from "../process.ts";
import type { ElfImage, Segment } from "./elf-image.ts";
import type { LoadedFile, ProgramPlan } from "./exec.ts";
import { LoadError } from "./load-error.ts";
import { buildStack } from "./stack-image.ts";
import { vdso } from "./vdso.ts";

/** The stack's size if RLIMIT_STACK does not say otherwise, and its bounds if it does. It is reserved whole: it does not grow. */
const DEFAULT_STACK = 8 << 20;
const MIN_STACK = 256 << 10;
const MAX_STACK = 256 << 20;

/** Where the heap of a position-independent program begins: in the low part that only other programs are linked to. */
const RELOCATABLE_BREAK = 0x100_0000;

/** The extensions that AT_HWCAP can tell of; the others are found through riscv_hwprobe(2). */
const HWCAP = hwcap("IMAFDC");
const CLOCK_TICKS = 100;
/** Bytes of a signal frame without vector state: siginfo, ucontext with 784 bytes of registers (asm/sigcontext.h). */
const MIN_SIGNAL_STACK = 1088;
const RANDOM_BYTES = 16;

/** Maps a program, its dynamic linker, stack and vDSO. Answers its first pc and sp. */
export function mapProgram(
  process: Process,
  mm: AddressSpace,
  plan: ProgramPlan,
): { entry: number; sp: number } | LoadError {
  const { program, interpreter } = plan;
  const refuse = (errno: Errno): LoadError =>
    new LoadError(errno, `${plan.path} cannot be mapped: ${errno.text}`, memoryCure(errno));
  const bias = mapFile(mm, program);
  if (bias instanceof Errno) return refuse(bias);
  const linkerBias = interpreter === undefined ? 0 : mapFile(mm, interpreter);
  if (linkerBias instanceof Errno) return refuse(linkerBias);
  const vdsoAt = mapVdso(mm);
  if (vdsoAt instanceof Errno) return refuse(vdsoAt);
  const top = mapStack(mm, limitOf(process, RLIMIT.STACK), program.image.executableStack);
  if (top instanceof Errno) return refuse(top);

  const entry = program.image.entry + bias;
  const random = new Uint8Array(RANDOM_BYTES);
  process.kernel.host.entropy.fill(random);
  const stack = buildStack(top, {
    argv: plan.argv,
    env: plan.env,
    path: plan.path,
    random,
    auxv: auxiliaryEntries(process, program.image, { bias, entry, linkerBias, vdsoAt }),
  });
  if (mm.write(stack.sp as GuestPtr, stack.bytes) !== 0) return refuse(E2BIG);
  const startBrk = program.image.relocatable ? RELOCATABLE_BREAK : program.image.end;
  mm.startBreak(startBrk);
  const { bytes: _, sp, ...places } = stack;
  mm.regions = {
    ...segmentRegions(program.image, bias),
    ...places,
    startBrk,
    startStack: sp,
    vdso: vdsoAt,
    sigreturn: vdsoAt + vdso().sigreturn,
  };
  return { entry: interpreter === undefined ? entry : interpreter.image.entry + linkerBias, sp };
}

/** Maps the segments of an ELF file. Answers how far its addresses are moved. */
function mapFile(mm: AddressSpace, { file, image }: LoadedFile): number | Errno {
  const { start, end, align, relocatable } = image;
  let bias = 0;
  if (relocatable) {
    const base = mm.findPlace(end - start, file.mappable, align);
    if (base instanceof Errno) return base;
    bias = base - start;
  }
  for (const segment of image.segments) {
    const mapped = mapSegment(mm, file.mappable, segment, bias);
    if (mapped instanceof Errno) return mapped;
  }
  return bias;
}

/** Maps one segment: its part of the file, then zeros (elf_load). */
function mapSegment(
  mm: AddressSpace,
  file: LoadedFile["file"]["mappable"],
  { offset, vaddr, filesz, memsz, prot }: Segment,
  bias: number,
): 0 | Errno {
  const start = pageDown(vaddr) + bias;
  const fileEnd = vaddr + bias + filesz;
  const mapEnd = filesz === 0 ? start : pageUp(fileEnd);
  const request = { kind: "fixed", shared: false, prot } as const;
  if (mapEnd > start) {
    const mapped = mm.map({
      ...request,
      address: start,
      length: mapEnd - start,
      backing: { file, offset: pageDown(offset) },
    });
    if (mapped instanceof Errno) return mapped;
    // Behind the file's part the last page belongs to .bss; where it is read-only, Linux too leaves what the file has there.
    if (memsz > filesz && (prot & PROT.WRITE) !== 0) mm.memory.u8.fill(0, fileEnd, mapEnd);
  }
  const end = pageUp(vaddr + bias + memsz);
  if (end > mapEnd) {
    const mapped = mm.map({ ...request, address: mapEnd, length: end - mapEnd, backing: "anonymous" });
    if (mapped instanceof Errno) return mapped;
  }
  return 0;
}

/** Maps the stack; answers its top. */
function mapStack(mm: AddressSpace, limit: number, executable: boolean): number | Errno {
  const length = limit === Number.POSITIVE_INFINITY ? DEFAULT_STACK : Math.min(Math.max(limit, MIN_STACK), MAX_STACK);
  return mm.mapStack(length, PROT.READ | PROT.WRITE | (executable ? PROT.EXEC : 0));
}

function mapVdso(mm: AddressSpace): number | Errno {
  const { file } = vdso();
  const backing = { file, offset: 0 };
  return mm.map({ address: 0, length: file.size, prot: PROT.READ | PROT.EXEC, kind: "hint", backing, shared: false });
}

interface Places {
  readonly bias: number;
  readonly entry: number;
  readonly linkerBias: number;
  readonly vdsoAt: number;
}

/** The auxiliary vector; what a library contributes replaces what is said here. */
function auxiliaryEntries(
  process: Process,
  image: ElfImage,
  { bias, entry, linkerBias, vdsoAt }: Places,
): readonly (readonly [number, number])[] {
  const entries = new Map<number, number>([
    [AT_VECTOR.SYSINFO_EHDR, vdsoAt],
    [AT_VECTOR.MINSIGSTKSZ, MIN_SIGNAL_STACK],
    [AT_VECTOR.HWCAP, HWCAP],
    [AT_VECTOR.PAGESZ, PAGE_SIZE],
    [AT_VECTOR.CLKTCK, CLOCK_TICKS],
    [AT_VECTOR.PHDR, image.headers === 0 ? 0 : image.headers + bias],
    [AT_VECTOR.PHENT, programHeader.size],
    [AT_VECTOR.PHNUM, image.headerCount],
    [AT_VECTOR.BASE, linkerBias],
    [AT_VECTOR.FLAGS, 0],
    [AT_VECTOR.ENTRY, entry],
    [AT_VECTOR.UID, 0],
    [AT_VECTOR.EUID, 0],
    [AT_VECTOR.GID, 0],
    [AT_VECTOR.EGID, 0],
    [AT_VECTOR.SECURE, 0],
  ]);
  for (const contribute of process.kernel.extensions(auxiliaryVector)) {
    for (const [type, value] of contribute(process)) entries.set(type, value);
  }
  return [...entries];
}

/** The bounds of code and data, as /proc/self/stat shows them. */
function segmentRegions({ segments }: ElfImage, bias: number) {
  const code = segments.filter(({ prot }) => (prot & PROT.EXEC) !== 0);
  const data = segments.filter(({ prot }) => (prot & PROT.WRITE) !== 0);
  const low = (of: readonly Segment[]): number =>
    of.length === 0 ? 0 : Math.min(...of.map(({ vaddr }) => vaddr)) + bias;
  const high = (of: readonly Segment[]): number =>
    of.length === 0 ? 0 : Math.max(...of.map(({ vaddr, filesz }) => vaddr + filesz)) + bias;
  return { startCode: low(code), endCode: high(code), startData: low(data), endData: high(data) };
}

function memoryCure(errno: Errno): string | undefined {
  return errno === ENOMEM
    ? "Give the machine more memory, or check the limits of the process (RLIMIT_AS, RLIMIT_DATA)."
    : undefined;
}
