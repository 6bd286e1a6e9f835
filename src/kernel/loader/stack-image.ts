/** The initial stack: strings, argc, argv, envp and the auxiliary vector (create_elf_tables of fs/binfmt_elf.c). */
import { AT_VECTOR } from "../../abi/auxv.ts";
import { E2BIG, type Result } from "../../abi/errno.ts";
import type { ByteString } from "../../base/bytes.ts";

/** Linux's MAX_ARG_STRLEN: the longest single argument, its NUL included. */
const MAX_STRING = 131_072;
/** Linux's ARG_MAX: what arguments and environment may always take. */
const MIN_TOTAL = 131_072;
/** Three quarters of the default stack: what they may take at most. */
const MAX_TOTAL = 6 << 20;
const RANDOM_BYTES = 16;
const STACK_ALIGN = 16;
const POINTER = 8;

/** Refuses what execve(2) refuses with E2BIG (bprm_stack_limits of fs/exec.c). `stackLimit` is RLIMIT_STACK. */
export function checkArguments(argv: readonly ByteString[], env: readonly ByteString[], stackLimit: number): Result<0> {
  let total = POINTER * (argv.length + env.length);
  for (const text of [...argv, ...env]) {
    if (text.length + 1 > MAX_STRING) return E2BIG;
    total += text.length + 1;
  }
  return total > Math.max(MIN_TOTAL, Math.min(MAX_TOTAL, stackLimit / 4)) ? E2BIG : 0;
}

export interface StackContent {
  readonly argv: readonly ByteString[];
  readonly env: readonly ByteString[];
  /** The path that was executed (AT_EXECFN). */
  readonly path: ByteString;
  readonly random: Uint8Array;
  /** All entries but AT_RANDOM, AT_EXECFN and AT_NULL. */
  readonly auxv: readonly (readonly [number, number])[];
}

/** The bytes of the stack and where its parts lie. */
export interface StackImage {
  /** Ends at the stack's top. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The first stack pointer: argc lies there. */
  readonly sp: number;
  readonly argStart: number;
  readonly argEnd: number;
  readonly envStart: number;
  readonly envEnd: number;
  /** The auxiliary vector, as it lies there. */
  readonly auxv: Uint8Array;
}

/** Lays the stack out below `top`. */
export function buildStack(top: number, { argv, env, path, random, auxv }: StackContent): StackImage {
  const stringBytes = [path, ...env, ...argv].reduce((sum, text) => sum + text.length + 1, 0);
  // From the top down: 8 zero bytes, the path, environment, arguments; then the random bytes.
  const stringsAt = top - POINTER - stringBytes;
  const randomAt = alignDown(stringsAt - RANDOM_BYTES);
  const entries = [
    ...auxv,
    [AT_VECTOR.RANDOM, randomAt],
    [AT_VECTOR.EXECFN, top - POINTER - path.length - 1],
    [AT_VECTOR.NULL, 0],
  ] as const;
  const words = 1 + argv.length + 1 + env.length + 1 + 2 * entries.length;
  const sp = alignDown(randomAt - POINTER * words);
  const bytes = new Uint8Array(top - sp);
  const view = new DataView(bytes.buffer);

  let cursor = stringsAt;
  const putString = (text: ByteString): number => {
    const at = cursor;
    for (let i = 0; i < text.length; i++) bytes[at - sp + i] = text.charCodeAt(i);
    cursor += text.length + 1;
    return at;
  };
  const argStart = cursor;
  const argPointers = argv.map(putString);
  const envStart = cursor;
  const envPointers = env.map(putString);
  const envEnd = cursor;
  putString(path);
  bytes.set(random.subarray(0, RANDOM_BYTES), randomAt - sp);

  let word = 0;
  const putWord = (value: number): void => {
    view.setUint32(word, value % 0x1_0000_0000, true);
    view.setUint32(word + 4, Math.floor(value / 0x1_0000_0000), true);
    word += POINTER;
  };
  for (const value of [argv.length, ...argPointers, 0, ...envPointers, 0]) putWord(value);
  const auxvAt = word;
  for (const value of entries.flat()) putWord(value);
  return { bytes, sp, argStart, argEnd: envStart, envStart, envEnd, auxv: bytes.slice(auxvAt, word) };
}

function alignDown(address: number): number {
  return Math.floor(address / STACK_ALIGN) * STACK_ALIGN;
}
