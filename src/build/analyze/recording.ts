/** What a program really asked for while it ran. */

import { Errno, type Result } from "../../abi/errno.ts";
import type { ByteString } from "../../base/bytes.ts";
import { onSyscall } from "../../kernel/hooks.ts";
import { defineLibrary, type Library } from "../../kernel/library.ts";
import { arg, type SyscallDefinition } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";

/** One system call, over all runs. */
export interface RecordedCall {
  readonly name: string;
  readonly count: number;
  /** Errors that it answered, by name, with how often. */
  readonly errors: Readonly<Record<string, number>>;
  /** Flags, commands and requests that it was made with. */
  readonly values: readonly string[];
  /** Whether a library provided it. */
  readonly provided: boolean;
}

/** As many different values of one call as a report wants to show. */
const MAX_VALUES = 40;
/** How a named value prints: O_RDONLY|O_CLOEXEC, TCGETS, PROT_READ. */
const NAMED = /^[A-Z][A-Z0-9_]*(\|[A-Z0-9_x]+)*$/;

interface Counted {
  count: number;
  readonly errors: Record<string, number>;
  readonly values: Set<string>;
  readonly provided: boolean;
}

/** Collects what the programs of machines do that have its {@link library}. */
export class Recording {
  readonly library: Library;
  private readonly seen = new Map<string, Counted>();
  private readonly named = new Set<ByteString>();

  constructor() {
    this.library = defineLibrary({
      name: "recording",
      summary: "notes which system calls are made, and with what",
      extends: [
        onSyscall.with({
          enter: (task, definition, args) => this.enter(task, definition, args),
          leave: (_task, definition, _args, answer) => this.leave(definition.name, answer),
          unknown: (_task, number, name) => void this.note(name ?? `syscall ${number}`, false),
        }),
      ],
    });
  }

  /** By name. */
  get calls(): readonly RecordedCall[] {
    const rows = [...this.seen].map(([name, { count, errors, values, provided }]) => ({
      name,
      count,
      errors,
      values: [...values].sort(),
      provided,
    }));
    return rows.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Paths that were named, whether or not they were there. */
  get paths(): readonly ByteString[] {
    return [...this.named].sort();
  }

  private enter(task: Task, definition: SyscallDefinition, args: readonly unknown[]): void {
    const { values } = this.note(definition.name, true);
    for (const [i, kind] of definition.args.entries()) {
      if (kind.output) continue;
      if (kind === arg.path) {
        const path = task.mm.readCString(args[i] as never, 4096);
        if (!(path instanceof Errno)) this.named.add(path);
      } else if (values.size < MAX_VALUES) {
        const shown = kind.format(args[i], { task, args, result: undefined });
        if (NAMED.test(shown) && shown !== "NULL") values.add(shown);
      }
    }
  }

  private leave(name: string, answer: Result<number>): void {
    if (!(answer instanceof Errno)) return;
    const { errors } = this.seen.get(name)!;
    errors[answer.name] = (errors[answer.name] ?? 0) + 1;
  }

  private note(name: string, provided: boolean): Counted {
    const known = this.seen.get(name) ?? { count: 0, errors: {}, values: new Set(), provided };
    known.count++;
    this.seen.set(name, known);
    return known;
  }
}
