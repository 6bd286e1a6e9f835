import { resourceLimit } from "./hooks.ts";
import type { Process } from "./process.ts";

/** The soft limit of a resource (RLIMIT_*) as the libraries of a process's machine tell it; Infinity if none does. */
export function limitOf(process: Process, resource: number): number {
  let limit = Number.POSITIVE_INFINITY;
  for (const ask of process.kernel.extensions(resourceLimit)) limit = Math.min(limit, ask(process, resource));
  return limit;
}
