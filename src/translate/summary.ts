/** What the nodes of a flow graph do to registers: computed once, asked by every analysis. */
import type { Flow } from "./flow.ts";

/** A set of the 64 architectural registers for each node: x0 to x31 in one word, f0 to f31 in another. */
export interface RegisterSets {
  readonly x: Int32Array;
  readonly f: Int32Array;
}

export function registerSets(nodes: number, fill = 0): RegisterSets {
  return { x: new Int32Array(nodes).fill(fill), f: new Int32Array(nodes).fill(fill) };
}

export interface Summary {
  /** Registers that a block's straight-line part reads before it writes them. */
  readonly reads: RegisterSets;
  readonly writes: RegisterSets;
  /** Registers that the instruction at a block's end reads. */
  readonly endReads: RegisterSets;
}

export function summarise({ nodes }: Flow): Summary {
  const reads = registerSets(nodes.length);
  const writes = registerSets(nodes.length);
  const endReads = registerSets(nodes.length);
  for (let n = 0; n < nodes.length; n++) {
    const { block } = nodes[n]!;
    if (block === undefined) continue;
    let [readX, readF, writtenX, writtenF] = [0, 0, 0, 0];
    const { steps, end } = block;
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i]!;
      readX |= step.reads.x & ~writtenX;
      readF |= step.reads.f & ~writtenF;
      writtenX |= step.writes.x;
      writtenF |= step.writes.f;
    }
    reads.x[n] = readX;
    reads.f[n] = readF;
    writes.x[n] = writtenX;
    writes.f[n] = writtenF;
    if (!("step" in end)) continue;
    endReads.x[n] = end.step.reads.x;
    endReads.f[n] = end.step.reads.f;
  }
  return { reads, writes, endReads };
}
