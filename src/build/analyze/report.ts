/** What a program asks of the kernel, beside what it would get. */
import { type LedgerRow, supportLedger } from "../../lib/ledger/ledger.ts";
import { full } from "../../preset/full.ts";
import type { Analysis, CallSite } from "./analyze.ts";
import type { RecordedCall, Recording } from "./recording.ts";

/** One system call that a program can make. */
export interface ReportRow {
  readonly name: string;
  /** How it is known: from the code, from recorded runs, or both. */
  readonly known: "static" | "seen" | "static, seen";
  readonly support: LedgerRow["support"];
  /** The library that provides it, or would. */
  readonly library: string;
  /** What is missing, and what that probably means. */
  readonly lacks?: string;
  /** Who makes it. */
  readonly sites: readonly CallSite[];
  /** What recorded runs did with it. */
  readonly recorded?: RecordedCall;
}

export interface Report {
  readonly program: string;
  readonly objects: readonly string[];
  readonly rows: readonly ReportRow[];
  /** Places whose system call is not known before they are run. */
  readonly unresolved: readonly CallSite[];
  /** Functions by which the program loads objects that analysis does not see. */
  readonly loads: readonly string[];
  readonly missingObjects: readonly string[];
  readonly ioctls: readonly number[];
  /** Files that recorded runs named. */
  readonly files: readonly string[];
}

/** What a program probably does without the calls of a library that is not there. */
const EFFECTS: Readonly<Record<string, string>> = {
  socket: "it cannot talk to a network or to other programs by sockets",
  "posix-aio": "it falls back to reading and writing at once, or refuses",
  "vfs-mount": "it cannot change what is mounted",
};

export function makeReport(analysis: Analysis, recording: Recording): Report {
  const ledger = new Map<string, LedgerRow>(supportLedger(full).map((row) => [row.name, row]));
  const seen = new Map(recording.calls.map((call) => [call.name, call]));
  const names = [...new Set([...analysis.calls.keys(), ...seen.keys()])].sort();
  return {
    program: analysis.program,
    objects: analysis.objects,
    rows: names.map((name) => rowOf(name, analysis.calls.get(name as never) ?? [], seen.get(name), ledger.get(name))),
    unresolved: analysis.unresolved,
    loads: analysis.loads,
    missingObjects: analysis.missing,
    ioctls: analysis.ioctls,
    files: recording.paths,
  };
}

function rowOf(
  name: string,
  sites: readonly CallSite[],
  recorded: RecordedCall | undefined,
  ledger: LedgerRow | undefined,
): ReportRow {
  const { support = "missing", library = "none" } = ledger ?? {};
  const lacks = ledger?.lacks ?? (support === "missing" ? (EFFECTS[library] ?? "it answers ENOSYS") : undefined);
  const known = recorded === undefined ? "static" : sites.length === 0 ? "seen" : "static, seen";
  return {
    name,
    known,
    support,
    library,
    ...(lacks === undefined ? {} : { lacks }),
    sites,
    ...(recorded === undefined ? {} : { recorded }),
  };
}
