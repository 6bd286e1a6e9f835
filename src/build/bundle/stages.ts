/**
 * Modules whose work is done when an image is built.
 *
 * Some modules generate WebAssembly that is the same in every run. An image gets, in the place of such a module, one that
 * answers what it generated; so the generators, and all that only they import, are not in the bundle.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SYSCALL_NUMBERS, type SyscallName } from "../../abi/riscv64/syscalls.ts";
import { buildFusedMultiplyAdd } from "../../base/wasm/fused-multiply-add.ts";
import { interpreterName, USUAL_BUILDS } from "../../engine/interp/module.ts";
import { buildMemoryTools } from "../../engine/memory-tools.ts";
import { buildDispatcher, DISPATCH } from "../../engine/wasm/dispatcher.ts";
import { buildVdso } from "../../kernel/loader/vdso-image.ts";
import type { PollMode } from "../../machine/engine.ts";
import { distFolder } from "../dist-folder.ts";
import { catalogue } from "../libraries/catalogue.ts";
import type { Programs } from "../root/known-programs.ts";
import { absentParts } from "./absent-parts.ts";
import type { EntryRequest } from "./entry-source.ts";
import { applyEdits, type Edit, parseModule } from "./syntax.ts";

/** The text that stands for a module, by its path below the folder of compiled modules. */
export function stagedModules({
  runtime,
  libraries,
  trace,
  float,
  programs,
  host,
}: EntryRequest): ReadonlyMap<string, string> {
  const polls: readonly PollMode[] = runtime === "none" ? ["fuel"] : ["flag", "fuel"];
  const staged = new Map([
    ["engine/memory-tools.js", generated("buildMemoryTools", [[[], buildMemoryTools()]])],
    ["base/wasm/fused-multiply-add.js", generated("buildFusedMultiplyAdd", [[[], buildFusedMultiplyAdd()]])],
    [
      "engine/wasm/dispatcher.js",
      constant("DISPATCH", DISPATCH) +
        generated(
          "buildDispatcher",
          polls.map((poll) => [[poll], buildDispatcher(poll)]),
        ),
    ],
    ["kernel/loader/vdso-image.js", stagedVdso()],
  ]);
  // The interpreter's modules lie in the image's file; the kind that no build has is only for hosts without threads.
  if (runtime !== "full") {
    staged.set("engine/interp/module.js", named("interpreterName", interpreterName, USUAL_BUILDS));
    staged.set("translate/module.js", "export const translate = () => undefined;\n");
    staged.set("kernel/loader/symbols.js", "export const functionSymbols = () => [];\n");
    // Instructions are still told apart, for those that look at floating-point flags; what they do is in WebAssembly.
    for (const file of readdirSync(join(distFolder, LOWERINGS)).filter((name) => /(?<!\.test)\.js$/.test(name)))
      staged.set(`${LOWERINGS}/${file}`, withoutBodies(readFileSync(join(distFolder, LOWERINGS, file), "utf8")));
  }
  if (runtime === "none" && !float) staged.set("isa/softfloat/soft.js", "export const makeSoft = () => () => {};\n");
  if (programs !== undefined) staged.set("kernel/loader/elf-image.js", readPrograms(programs));
  const calls = new Set(callsOf(libraries));
  const absent = absentParts({
    has: (call) => calls.has(call),
    hasLibrary: (wanted) => libraries.some(({ name }) => name === wanted),
    // Without an interpreter slices end by counting.
    preempts: runtime !== "none",
    hostDigests: host === "node",
    knowsPrograms: programs !== undefined,
  });
  for (const [module, text] of absent) staged.set(module, text);
  // Numbers of calls that the image lacks are only needed to name them.
  if (!trace) staged.set("abi/riscv64/syscalls.js", constant("SYSCALL_NUMBERS", numbersOf(calls)));
  return staged;
}

/** The system calls that these libraries provide in the image. */
function callsOf(libraries: EntryRequest["libraries"]): readonly SyscallName[] {
  return libraries.flatMap(({ name, without = [] }) =>
    catalogue
      .get(name)!
      .syscalls.map((definition) => definition.name)
      .filter((call) => !without.includes(call)),
  );
}

/** The numbers of these calls. */
function numbersOf(calls: ReadonlySet<SyscallName>): Readonly<Record<string, number>> {
  return Object.fromEntries([...calls].map((name) => [name, SYSCALL_NUMBERS[name]]));
}

/** A loader that knows the files that it is given. */
function readPrograms(programs: Programs): string {
  return `const programs = ${JSON.stringify(programs)};
export const parseElf = ({ name }) => programs[name];
`;
}

function stagedVdso(): string {
  const { bytes, digest, sigreturn } = buildVdso();
  return `${generated("bytes", [[[], bytes]])}
export const buildVdso = () => ({ bytes: bytes(), digest: "${digest}", sigreturn: ${sigreturn} });
`;
}

/** Modules that say in WebAssembly what instructions do. */
const LOWERINGS = "isa/lower";

/** A module whose exported functions do nothing: a bundler leaves out calls of them. Tables are in capitals, and stay. */
function withoutBodies(module: string): string {
  const edits = parseModule(module).body.flatMap((statement): readonly Edit[] => {
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : undefined;
    const declared = declaration?.type === "VariableDeclaration" ? declaration.declarations[0]!.id : declaration?.id;
    if (declared?.type !== "Identifier" || /^[A-Z]/.test(declared.name)) return [];
    return [{ start: statement.start, end: statement.end, text: `export const ${declared.name} = () => {};` }];
  });
  return applyEdits(module, edits);
}

function constant(name: string, value: unknown): string {
  return `export const ${name} = ${JSON.stringify(value)};\n`;
}

/** A function that knows the answers to these arguments, one of which it takes. */
function generated(name: string, answers: readonly (readonly [args: readonly string[], bytes: Uint8Array])[]): string {
  const table = answers.map(([args, bytes]) => [args.join(), Buffer.from(bytes).toString("base64")]);
  const answer =
    table.length === 1 ? JSON.stringify(table[0]![1]) : `${JSON.stringify(Object.fromEntries(table))}[key]`;
  return `export function ${name}(key) {
  return Uint8Array.from(atob(${answer}), (c) => c.charCodeAt(0));
}
`;
}

function named<T>(name: string, ask: (options: T) => string, all: readonly T[]): string {
  const names = Object.fromEntries(all.map((options) => [JSON.stringify(options), ask(options)]));
  return `const names = ${JSON.stringify(names)};
export const ${name} = (options) => names[JSON.stringify(options)];
export const buildInterpreter = () => { throw new Error("the image has no interpreter for this host"); };
`;
}
