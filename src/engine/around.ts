import type { Space } from "../machine/index.ts";

/** A space that passes everything on to another one, apart from what `changes` has. */
export function spaceAround(
  inner: Space,
  changes: Partial<Omit<Space, "options" | "checksAccess" | "pollsItself">>,
): Space {
  return {
    memory: inner.memory,
    get options() {
      return inner.options;
    },
    get checksAccess() {
      return inner.checksAccess;
    },
    get pollsItself() {
      return inner.pollsItself;
    },
    run: (fuel) => inner.run(fuel),
    addObject: (object) => inner.addObject(object),
    invalidate: (start, end) => inner.invalidate(start, end),
    reconfigure: (options) => inner.reconfigure(options),
    fill: (start, end) => inner.fill(start, end),
    copy: (to, from, length) => inner.copy(to, from, length),
    place: (to, from, length, before, behind) => inner.place(to, from, length, before, behind),
    ...(inner.usedRuns === undefined ? {} : { usedRuns: (start, end) => inner.usedRuns!(start, end) }),
    release: () => inner.release(),
    ...changes,
  };
}
