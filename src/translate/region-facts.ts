/** What is known of a region before its code is emitted. */
import type { Block } from "./cfg.ts";
import type { Flow } from "./flow.ts";
import type { Step } from "./step.ts";
import { type RegisterSets, registerSets } from "./summary.ts";

/** What entries, and the node where the function is resumed, load. */
export function loadedAt({ nodes, successors }: Flow, { x, f }: RegisterSets): RegisterSets {
  const loaded = registerSets(nodes.length);
  for (let n = 0; n < nodes.length; n++) {
    const { kind, role } = nodes[n]!;
    const isResume = kind === "resume";
    if (!isResume && (kind !== "entry" || role === "resume")) continue;
    const targets = successors[n]!;
    for (let i = 0; i < targets.length; i++) {
      const to = isResume ? successors[targets[i]!]![0]! : targets[i]!;
      loaded.x[n]! |= x[to]!;
      loaded.f[n]! |= f[to]!;
    }
  }
  return loaded;
}

/** Whether a block may lead back to its function's start without passing a loop's poll: through calls and tail jumps. */
export function mayRecurse({ end }: Block, flow: Flow): boolean {
  switch (end.kind) {
    case "call":
    case "call register":
    case "jump register":
      return true;
    case "jump":
      return !flow.blockNode.has(end.to);
    case "branch":
      return !flow.blockNode.has(end.taken) || !flow.blockNode.has(end.next);
    default:
      return false;
  }
}

/** The left shift that remains of `slli rd, rs, 32; srli rd, rd, n`, if that is what the two instructions are. */
export function zeroExtension(first: Step, second: Step | undefined): number | undefined {
  if (first.op.name !== "slli" || first.imm !== 32 || first.rd === 0) return undefined;
  if (second?.op.name !== "srli" || second.rs1 !== first.rd || second.rd !== first.rd) return undefined;
  return second.imm <= 32 ? 32 - second.imm : undefined;
}
