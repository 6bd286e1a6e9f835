import {
  type Engine,
  EXIT,
  type ExitReason,
  type GuestMemory,
  HART,
  LAYOUT,
  type Space,
  type TrapHandler,
} from "../../machine/index.ts";
import { spaceAround } from "../around.ts";
import { CALL_REGISTERS, hashOf, type RecordedBytes, type RecordedCall, type StartRecord } from "./start-record.ts";

/** A call of a replayed start was answered differently than when it was recorded: the record does not hold here. */
export class StartDiffers extends Error {}

const A0 = HART.x / 4 + 2 * 10;

/**
 * Makes an engine whose first space goes through a recorded start: it makes the recorded calls, one after the other, so that
 * the kernel comes by its state as it always does, and compares the answers; then it puts memory and registers in place of
 * the code that would have computed them, and hands over to another engine.
 *
 * Running a space throws {@link StartDiffers} where an answer is another one. A record ends before anything reaches outside, so
 * that the program can be started once more, without it.
 *
 * @param end - called instead of putting memory and registers in place, for whoever wants to see what the calls leave.
 */
export function createReplayEngine(
  inner: Engine,
  record: StartRecord,
  end: (space: Space) => void = (space) => restore(space, record),
): Engine {
  let started = false;
  return {
    name: inner.name,
    stats: () => inner.stats(),
    createSpace(handler, options, content) {
      const space = inner.createSpace(handler, options, content);
      if (started) return space;
      started = true;
      return spaceAround(space, { run: replaying(space, handler, record, end) });
    },
  };
}

function replaying(
  space: Space,
  handler: TrapHandler,
  { calls }: StartRecord,
  end: (space: Space) => void,
): (fuel: number) => ExitReason {
  let next = 0;
  let ended = false;
  return (fuel) => {
    while (next < calls.length) if (makeCall(space, handler, calls[next]!, next++)) return EXIT.SYSCALL;
    if (!ended) {
      ended = true;
      end(space);
    }
    return space.run(fuel);
  };
}

/** Makes a call as the program did. Answers whether the kernel wants to be returned to. */
function makeCall({ memory }: Space, handler: TrapHandler, call: RecordedCall, number: number): boolean {
  const { i32 } = memory;
  put(memory, call.inputs);
  for (const [i, register] of CALL_REGISTERS.entries()) {
    i32[HART.x / 4 + 2 * register] = call.registers[2 * i]!;
    i32[HART.x / 4 + 2 * register + 1] = call.registers[2 * i + 1]!;
  }
  const leave = handler.syscall() !== 0;
  // Memory may have grown.
  const now = memory.i32;
  const isSame = now[A0] === call.result[0] && now[A0 + 1] === call.result[1];
  if (!isSame || call.outputs.some(({ at, length, hash }) => hashOf(memory.u8.subarray(at, at + length)) !== hash))
    throw new StartDiffers(`call ${number} of the recorded start is answered differently`);
  return leave;
}

/** Puts what a record has of memory and registers in place. */
export function restore(space: Space, { memory, hart, fflags }: StartRecord): void {
  put(space.memory, memory);
  space.memory.u8.set(hart, HART.x);
  if (fflags !== space.options.fflags) space.reconfigure({ ...space.options, fflags });
}

/** Writes to a program's memory. A record from elsewhere may name what is not there, or is the kernel's. */
function put(memory: GuestMemory, parts: readonly RecordedBytes[]): void {
  for (const { at, bytes } of parts) {
    const end = at + bytes.length;
    const isKernels = at < LAYOUT.mapMin || (at < LAYOUT.arenaHigh && end > LAYOUT.arenaLow);
    if (isKernels || end > memory.size)
      throw new StartDiffers(`the recorded start has no room at 0x${at.toString(16)}`);
    memory.u8.set(bytes, at);
  }
}
