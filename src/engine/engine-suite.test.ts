/** What every engine must do; each engine's own test file calls {@link testEngine}. */
import { describe } from "node:test";
import type { Engine } from "../machine/index.ts";
import { Guest, type WithGuest } from "./guest.test.ts";
import { testCalls } from "./suite/calls.test.ts";
import { testCodeChanges } from "./suite/code-changes.test.ts";
import { testComputation } from "./suite/computation.test.ts";
import { testFetch } from "./suite/fetch.test.ts";
import { testFlags } from "./suite/flags.test.ts";
import { testMemory } from "./suite/memory.test.ts";
import { testPolls } from "./suite/polls.test.ts";
import { testSpaces } from "./suite/spaces.test.ts";

export function testEngine(name: string, create: () => Engine): void {
  describe(`${name} engine`, () => {
    const engine = create();
    const withGuest: WithGuest = (source, use, options = {}) => {
      const guest = new Guest(engine, source, options);
      try {
        use(guest);
      } finally {
        guest.space.release();
      }
    };
    testComputation(withGuest);
    testFlags(engine, withGuest);
    testCalls(withGuest);
    testMemory(withGuest);
    testFetch(withGuest);
    testPolls(withGuest);
    testCodeChanges(withGuest);
    testSpaces(engine, withGuest);
  });
}
