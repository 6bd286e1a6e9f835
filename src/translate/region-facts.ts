/** What is known of a region before its code is emitted. */
import type { Block } from "./cfg.ts";
import type { ModuleContext } from "./context.ts";
import type { Flow } from "./flow.ts";
import { analyseNarrow } from "./narrow.ts";
import { type Polls, planPolls } from "./polls.ts";
import { planResidency, type Residency } from "./residency.ts";
import { summarise } from "./summary.ts";

export interface RegionFacts {
  /** Whether the region guards the stack where it starts. */
  readonly guarded: boolean;
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
  const guarded = flow.nodes.some(({ block }) => block !== undefined && mayRecurse(block, isTailCall));
  const residency = planResidency(flow, summary, guarded);
  const narrow = analyseNarrow(flow, residency);
  const guard = guarded ? START_NODE : undefined;
  const polls = planPolls({ flow, residency, writes: summary.writes, guard });
  return { guarded, residency, narrow, polls };
}

/** Whether a block may lead back to its function's start without passing a loop's poll: through calls and tail jumps. */
function mayRecurse({ end }: Block, isTailCall: (to: number) => boolean): boolean {
  switch (end.kind) {
    case "call":
    case "call register":
    case "jump register":
      return true;
    case "jump":
      return isTailCall(end.to);
    case "branch":
      return isTailCall(end.taken) || isTailCall(end.next);
    default:
      return false;
  }
}
