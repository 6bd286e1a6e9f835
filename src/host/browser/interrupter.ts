import type { HostInterrupter, PollWords } from "../../kernel/host.ts";

/** What both threads see: three words of 32 bits, then a double. */
const GENERATION = 0;
const WORD = 1;
const IDLE = 2;
/** When the word is to be raised; milliseconds since 1970. */
const DEADLINE = 2;
const CONTROL_BYTES = 24;

/** How often the other thread looks, and after how many looks in vain it waits to be woken. */
const TICK_MS = 4;
const TICKS_TO_IDLE = 50;

/**
 * A thread that asks for a poll in guest memory at an instant, while this thread is busy with guest code. Undefined where pages
 * are not isolated: there no thread can reach another one's memory.
 *
 * Browsers let a thread either wait for memory or hear of messages, and it must hear of new memories: so it looks from time to
 * time while guests run. It is started before the first guest, because starting it takes turns of this thread's event loop,
 * which a guest that never ends would not give it. Each request is a generation, which the thread answers once, and not before
 * it has heard of the request's memory: so none is missed, and none is taken for the one before.
 */
export async function startInterrupter(): Promise<HostInterrupter | undefined> {
  if (globalThis.crossOriginIsolated !== true) return undefined;
  const url = URL.createObjectURL(new Blob([PROGRAM], { type: "text/javascript" }));
  const worker = new Worker(url);
  await new Promise((ready) => {
    worker.onmessage = ready;
  });
  URL.revokeObjectURL(url);
  return new TickingInterrupter(worker);
}

class TickingInterrupter implements HostInterrupter {
  private readonly control = new SharedArrayBuffer(CONTROL_BYTES);
  private readonly words = new Int32Array(this.control);
  private readonly instants = new Float64Array(this.control);
  private readonly known = new WeakMap<PollWords, number>();
  private readonly worker: Worker;
  private count = 0;

  constructor(worker: Worker) {
    this.worker = worker;
    this.instants[DEADLINE] = Number.POSITIVE_INFINITY;
    worker.postMessage({ control: this.control });
  }

  raise(words: PollWords, atNs: number): void {
    this.words[WORD] = this.known.get(words) ?? this.tell(words);
    this.instants[DEADLINE] = performance.timeOrigin + atNs / 1e6;
    Atomics.add(this.words, GENERATION, 1);
    if (Atomics.exchange(this.words, IDLE, 0) === 1) this.worker.postMessage("look");
  }

  cancel(): void {
    this.instants[DEADLINE] = Number.POSITIVE_INFINITY;
  }

  private tell(words: PollWords): number {
    const index = this.count++;
    this.known.set(words, index);
    this.worker.postMessage({ index, guest: words });
    return index;
  }
}

/** The thread's program. Having said that it is idle it looks once more, so that no request between the two is missed. */
const PROGRAM = `
const guests = [];
let words, instants, timer, answered, inVain = 0;
onmessage = ({ data }) => {
  if (data.control) {
    words = new Int32Array(data.control);
    instants = new Float64Array(data.control);
  } else if (data !== "look") {
    guests[data.index] = data.guest;
    return;
  }
  clearTimeout(timer);
  look();
};
function wants(generation) {
  return generation !== answered && instants[${DEADLINE}] !== Infinity;
}
function look() {
  const generation = Atomics.load(words, ${GENERATION});
  const wanted = wants(generation);
  if (wanted && instants[${DEADLINE}] <= performance.timeOrigin + performance.now()) {
    const guest = guests[words[${WORD}]];
    if (guest) {
      Atomics.store(guest.words, guest.poll, 1);
      Atomics.store(guest.words, guest.stack, 0);
      answered = generation;
    }
  }
  inVain = wanted ? 0 : inVain + 1;
  if (inVain > ${TICKS_TO_IDLE}) {
    inVain = 0;
    Atomics.store(words, ${IDLE}, 1);
    if (!wants(Atomics.load(words, ${GENERATION}))) return;
    Atomics.store(words, ${IDLE}, 0);
  }
  timer = setTimeout(look, ${TICK_MS});
}
postMessage("ready");
`;
