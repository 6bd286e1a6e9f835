/** Which system calls a program can make: what its code says, followed from its entry through every object that it loads. */
import { SYSCALL_NUMBERS, type SyscallName } from "../../abi/riscv64/syscalls.ts";
import { type ByteString, utf8Encode } from "../../base/bytes.ts";
import { lookUp, type RootTree } from "../../image/index.ts";
import { nameOf } from "../../kernel/dispatch.ts";
import { LoadError } from "../../kernel/loader/load-error.ts";
import { BuildError } from "../build-error.ts";
import { type ElfObject, readElfObject } from "./elf-object.ts";
import { ObjectGraph, type Target } from "./object-graph.ts";
import { PassedArgument } from "./passed-argument.ts";

/** Where a program can make a system call. */
export interface CallSite {
  readonly object: string;
  readonly function: string;
  readonly address: number;
}

export interface Analysis {
  readonly program: string;
  /** The objects that are loaded, the program first. */
  readonly objects: readonly string[];
  /** Whether a dynamic linker is involved. */
  readonly dynamic: boolean;
  /** By name: where it can be made. */
  readonly calls: ReadonlyMap<SyscallName, readonly CallSite[]>;
  /** Requests of ioctl(2) that are made with constants. */
  readonly ioctls: readonly number[];
  /** Families of socket(2); undefined if it may be given any. */
  readonly families: readonly number[] | undefined;
  /** Places whose number is not known. */
  readonly unresolved: readonly CallSite[];
  /** Symbols by which a program loads more objects while it runs. */
  readonly loads: readonly string[];
  /** Objects that are needed and are not there. */
  readonly missing: readonly string[];
}

/** Whether the calls that were found are all that can be made. */
export function isClosed({ dynamic, unresolved, loads, missing }: Analysis): boolean {
  return !dynamic && unresolved.length === 0 && loads.length === 0 && missing.length === 0;
}

const LIBRARY_PATHS = ["lib/riscv64-linux-gnu", "usr/lib/riscv64-linux-gnu", "lib", "usr/lib", "usr/local/lib"];
const LOADERS = new Set(["dlopen", "dlmopen"]);

/** Reads a program and every object that it names. */
export function analyze(tree: RootTree, program: ByteString): Analysis | BuildError {
  const objects = loadObjects(tree, program);
  return objects instanceof BuildError ? objects : new Walk(program, objects).run();
}

interface Loaded {
  readonly graphs: readonly ObjectGraph[];
  readonly missing: readonly string[];
}

function loadObjects(tree: RootTree, program: ByteString): Loaded | BuildError {
  const first = readObject(tree, program, "program");
  if (first === undefined) return new BuildError(`there is no ${program} in the root`, "Name a program that it holds.");
  if (first instanceof LoadError) return new BuildError(first.message, first.cure ?? "Check the file.");
  const objects = [first];
  const missing: string[] = [];
  const { interpreter } = first.image;
  const linker = interpreter === undefined ? undefined : readObject(tree, interpreter, "interpreter");
  if (interpreter !== undefined && !isObject(linker)) missing.push(interpreter);
  if (isObject(linker)) objects.push(linker);
  const seen = new Set(objects.map(({ path }) => baseName(path)));
  for (const { needed, runpath } of objects) {
    for (const name of needed) {
      if (seen.has(name)) continue;
      seen.add(name);
      const places = [...runpath.map((path) => path.replace(/^\//, "")), ...LIBRARY_PATHS];
      const found = places
        .map((place) => readObject(tree, utf8Encode(`/${place}/${name}`), "interpreter"))
        .find((object) => isObject(object));
      if (isObject(found)) objects.push(found);
      else missing.push(name);
    }
  }
  return { graphs: objects.map((object) => new ObjectGraph(object)), missing };
}

function isObject(value: ElfObject | LoadError | undefined): value is ElfObject {
  return value !== undefined && !(value instanceof LoadError);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function readObject(
  tree: RootTree,
  path: ByteString,
  role: "program" | "interpreter",
): ElfObject | LoadError | undefined {
  const found = lookUp(tree.entries, path);
  return found?.entry.type === "file"
    ? readElfObject(`/${found.path}` as ByteString, found.entry.read(), role)
    : undefined;
}

/** Follows references from what the loader calls. */
class Walk {
  private readonly program: ByteString;
  private readonly graphs: readonly ObjectGraph[];
  private readonly missing: readonly string[];
  private readonly exports = new Map<string, { readonly graph: ObjectGraph; readonly address: number }>();
  private readonly reached = new Set<string>();
  private readonly queue: (readonly [ObjectGraph, number])[] = [];
  private readonly calls = new Map<SyscallName, CallSite[]>();
  private readonly ioctls = new Set<number>();
  private readonly families = new PassedArgument();
  private readonly unresolved: CallSite[] = [];
  private readonly loads = new Set<string>();
  /**
   * Functions that make the call that an argument says, by the argument's register: as syscall(3) does, and the function through
   * which glibc makes all calls that cancel a thread.
   */
  private readonly told = new Map<string, Set<number>>();
  private readonly callers: { readonly graph: ObjectGraph; readonly start: number }[] = [];

  constructor(program: ByteString, { graphs, missing }: Loaded) {
    this.program = program;
    this.graphs = graphs;
    this.missing = missing;
    // The dynamic linker's own symbols come last.
    const linker = graphs[0]?.object.image.interpreter === undefined ? undefined : graphs[1];
    for (const graph of [...graphs.filter((each) => each !== linker), ...(linker === undefined ? [] : [linker])]) {
      for (const [name, address] of graph.object.exports) {
        if (!this.exports.has(name)) this.exports.set(name, { graph, address });
      }
    }
  }

  run(): Analysis {
    for (const graph of this.graphs) for (const root of graph.object.roots) this.reach(graph, root);
    for (const [graph, address] of this.queue) this.visit(graph, address);
    // A function may only pass on what it is told: then its callers are to be looked at again.
    for (let before = -1; before !== this.toldCount; ) {
      before = this.toldCount;
      for (const { graph, start } of this.callers) this.visitTold(graph, start);
    }
    return {
      program: this.program,
      objects: this.graphs.map(({ object }) => object.path),
      dynamic: this.graphs.length > 1 || this.missing.length > 0,
      calls: new Map([...this.calls].sort(([a], [b]) => (a < b ? -1 : 1))),
      ioctls: [...this.ioctls].sort((a, b) => a - b),
      families: this.families.unknown ? undefined : [...this.families.known].sort((a, b) => a - b),
      unresolved: this.unresolved,
      loads: [...this.loads].sort(),
      missing: this.missing,
    };
  }

  private reach(graph: ObjectGraph, address: number): void {
    const node = graph.nodeAt(address);
    if (node === undefined) return;
    const key = this.keyOf(graph, node.start);
    if (this.reached.has(key)) return;
    this.reached.add(key);
    this.queue.push([graph, node.start]);
  }

  private keyOf(graph: ObjectGraph, address: number): string {
    return `${this.graphs.indexOf(graph)} ${address}`;
  }

  private visit(graph: ObjectGraph, address: number): void {
    const node = graph.nodeAt(address)!;
    for (const target of node.refers) this.follow(graph, target);
    if (node.calls.length > 0) this.callers.push({ graph, start: node.start });
    for (const { pc, number, request, family } of node.ecalls) {
      if (number.known.has(SYSCALL_NUMBERS.socket)) this.families.take(this.keyOf(graph, node.start), family());
      const site = this.siteAt(graph, pc);
      for (const value of number.known) this.note(value, site, request.known);
      for (const register of number.parameters) this.tell(graph, node.start, register, site);
      if (number.unknown) this.unresolve(site);
    }
  }

  private follow(graph: ObjectGraph, target: Target): void {
    if (target.kind === "own") {
      this.reach(graph, target.address);
      return;
    }
    if (LOADERS.has(target.name)) this.loads.add(target.name);
    const found = this.exports.get(target.name);
    if (found !== undefined) this.reach(found.graph, found.address);
  }

  /** Looks at a function's calls of those that make the system call that they are told. */
  private visitTold(graph: ObjectGraph, start: number): void {
    for (const { to, values } of graph.nodeAt(start)!.calls) {
      const place = to.kind === "own" ? { graph, address: to.address } : this.exports.get(to.name);
      const node = place?.graph.nodeAt(place.address);
      if (place === undefined || node === undefined) continue;
      const called = this.keyOf(place.graph, node.start);
      for (const carrier of this.families.carriersOf(called)) {
        this.families.take(this.keyOf(graph, start), values(carrier));
      }
      const registers = this.told.get(called);
      if (registers === undefined) continue;
      const site = this.siteAt(graph, start);
      for (const told of registers) {
        const { known, unknown, parameters } = values(told);
        for (const value of known) this.note(value, site, new Set());
        for (const register of parameters) this.tell(graph, start, register, site);
        if (unknown) this.unresolve(site);
      }
    }
  }

  private get toldCount(): number {
    let count = this.families.size;
    for (const registers of this.told.values()) count += registers.size;
    return count;
  }

  /** Notes that a function makes the call that a register says when it is entered; only arguments tell. */
  private tell(graph: ObjectGraph, start: number, register: number, site: CallSite): void {
    if (register < A0 || register > A7) {
      this.unresolve(site);
      return;
    }
    const key = this.keyOf(graph, start);
    const known = this.told.get(key);
    if (known === undefined) this.told.set(key, new Set([register]));
    else known.add(register);
  }

  private unresolve(site: CallSite): void {
    const known = this.unresolved.some((other) => other.address === site.address && other.object === site.object);
    if (!known) this.unresolved.push(site);
  }

  private note(number: number, site: CallSite, requests: ReadonlySet<number>): void {
    const name = nameOf(number);
    if (name === undefined) return;
    if (name === "ioctl") for (const request of requests) this.ioctls.add(request);
    const known = this.calls.get(name);
    if (known === undefined) this.calls.set(name, [site]);
    else if (!known.some((other) => other.function === site.function && other.object === site.object)) known.push(site);
  }

  private siteAt(graph: ObjectGraph, address: number): CallSite {
    return { object: graph.object.path, function: graph.nameOf(address), address };
  }
}

/** The registers of arguments (psABI). */
const A0 = 10;
const A7 = 17;
