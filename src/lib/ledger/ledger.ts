import { SYSCALL_NUMBERS, type SyscallName } from "../../abi/riscv64/syscalls.ts";
import type { Library } from "../../kernel/library.ts";
import type { SyscallDefinition } from "../../kernel/syscall.ts";
import { futureSyscalls } from "./future-syscalls.ts";

/** One system call of Linux, and what becomes of it here. */
export interface LedgerRow {
  readonly number: number;
  readonly name: SyscallName;
  /** The library that provides it, or would. */
  readonly library: string;
  readonly support: "full" | "partial" | "missing";
  /** What a partial one lacks. */
  readonly lacks?: string;
  /** How many arguments its declaration takes; undefined for a missing one. */
  readonly arguments?: number;
}

/** The support ledger: every system call of riscv64 Linux by number, from the declarations of these libraries. */
export function supportLedger(libraries: readonly Library[]): readonly LedgerRow[] {
  const provided = new Map<string, readonly [Library, SyscallDefinition]>(
    libraries.flatMap((library) => library.syscalls.map((definition) => [definition.name, [library, definition]])),
  );
  const names = Object.entries(SYSCALL_NUMBERS) as [SyscallName, number][];
  return names
    .map(([name, number]) => {
      const [library, definition] = provided.get(name) ?? [];
      return library === undefined || definition === undefined
        ? missingRow(name, number)
        : providedRow(number, library, definition);
    })
    .sort((a, b) => a.number - b.number);
}

function missingRow(name: SyscallName, number: number): LedgerRow {
  return { number, name, library: providerOf(name) ?? "none", support: "missing" };
}

function providedRow(number: number, { name: library }: Library, definition: SyscallDefinition): LedgerRow {
  const { name, support, args } = definition;
  const row = { number, name, library, arguments: args.length };
  return support === "full" ? { ...row, support } : { ...row, support: "partial", lacks: support.partial };
}

/** The library that a system call is planned for, which nothing provides yet; undefined if it has no place here. */
export function providerOf(name: string): string | undefined {
  return futureSyscalls.get(name);
}
