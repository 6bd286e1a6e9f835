import { GuestMemory } from "../../machine/memory.ts";

/** Memory that has no byte, so that nothing in it can be accessed. Browsers do not let every page name its type. */
export function noMemory({ shared }: GuestMemory): GuestMemory {
  nothing ??= new GuestMemory({
    buffer: shared.buffer.slice(0, 0) as SharedArrayBuffer,
    grow() {
      throw new RangeError("this address space was released");
    },
  });
  return nothing;
}

let nothing: GuestMemory | undefined;
