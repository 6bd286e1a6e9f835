/** What is known of a region before its code is emitted. */
import type { Block } from "./cfg.ts";
import type { ModuleContext } from "./context.ts";
import type { Flow } from "./flow.ts";
import { analyseNarrow } from "./narrow.ts";
import { type Polls, planPolls } from "./polls.ts";
import { planResidency, type Residency } from "./residency.ts";
import { summarise } from "./summary.ts";

/**
 * What a region looks at where it starts, so that no cycle goes without a poll: the stack if it calls, which the same
 * comparison polls for; a poll alone if it may jump away to where it came from.
 */
export type Guard = "stack" | "poll" | "none";

export interface RegionFacts {
  readonly guard: Guard;
  readonly residency: Residency;
  /** Registers that are in word locals, by node. */
  readonly narrow: Int32Array;
  readonly polls: Polls;
}

/** The entry node of the function's start: the first behind the root. */
const START_NODE = 1;

export function analyseRegion(flow: Flow, context: Pick<ModuleContext, "regionAt" | "startsFunction">): RegionFacts {
  const summary = summarise(flow);
  /** Whether an address is left for without a poll: where another region starts. */
  const isTailCall = (to: number) =>
    !flow.blockNode.has(to) && (context.startsFunction(to) || context.regionAt(to) !== undefined);
  const guard = guardOf(flow, isTailCall);
  const residency = planResidency(flow, summary);
  const narrow = analyseNarrow(flow, residency);
  const guardNode = guard === "none" ? undefined : START_NODE;
  const polls = planPolls({ flow, residency, writes: summary.writes, guard: guardNode });
  return { guard, residency, narrow, polls };
}

function guardOf({ nodes, entries, hub }: Flow, isTailCall: (to: number) => boolean): Guard {
  const start = entries[0]!;
  // Of jumps that lead round in a circle one goes backward, unless one goes by a register. Hubs poll themselves.
  const mayReturn = (to: number) => to <= start && isTailCall(to);
  const mayCircle = ({ end }: Block) => {
    if (end.kind === "jump") return mayReturn(end.to);
    if (end.kind === "branch") return mayReturn(end.taken) || mayReturn(end.next);
    return end.kind === "jump register" && hub === undefined;
  };
  const calls = ({ end }: Block) => end.kind === "call" || end.kind === "call register";
  if (nodes.some(({ block }) => block !== undefined && calls(block))) return "stack";
  return nodes.some(({ block }) => block !== undefined && mayCircle(block)) ? "poll" : "none";
}
