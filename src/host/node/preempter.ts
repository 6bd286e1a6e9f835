import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { HostInterrupter, PollWords } from "../../kernel/host.ts";

/** What both threads see: two words of 32 bits, then two doubles. */
const GENERATION = 0;
const WORD = 1;
/** When the word is to be raised, and when the thread wakes up by itself: milliseconds by `process.hrtime`, as all instants here. */
const DEADLINE = 1;
const WAKES_AT = 2;
/** How far away the deadline was when it was asked for. */
const LENGTH = 3;
const CONTROL_BYTES = 32;
/** How late a word may be raised, as a part of its length, so that the thread need not be woken for it. */
const LATENESS = 0.25;

/**
 * A thread that asks for a poll in guest memory at an instant, while this thread is busy with guest code.
 *
 * It is started by the first request, because starting it costs some 20 ms of processor time. Asking for something else is a few
 * stores: the thread is woken only if it would sleep far beyond the new instant, else it sees by itself, when it wakes up,
 * that the instant has moved; and when it has raised the word it wakes up once more in about the same time, because that is
 * when it will be needed again. Each request is a generation: the thread goes to sleep only if it knows the present one, so
 * that no request is missed.
 */
export class Preempter implements HostInterrupter {
  private readonly words32: Int32Array;
  private readonly instants: Float64Array;
  private readonly known = new WeakMap<PollWords, number>();
  private count = 0;
  private worker: Worker | undefined;
  private port: MessagePort | undefined;

  constructor() {
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    this.words32 = new Int32Array(control);
    this.instants = new Float64Array(control);
    this.instants.fill(Number.POSITIVE_INFINITY, DEADLINE, LENGTH);
  }

  raise(words: PollWords, atNs: number, lengthNs: number): void {
    const lengthMs = lengthNs / 1e6;
    this.words32[WORD] = this.known.get(words) ?? this.tell(words);
    this.instants[LENGTH] = lengthMs;
    this.request(atNs / 1e6, LATENESS * lengthMs);
  }

  cancel(): void {
    this.request(Number.POSITIVE_INFINITY, 0);
  }

  close(): void {
    void this.worker?.terminate();
    this.worker = undefined;
    this.port = undefined;
  }

  private request(deadlineMs: number, latenessMs: number): void {
    this.instants[DEADLINE] = deadlineMs;
    Atomics.add(this.words32, GENERATION, 1);
    if (deadlineMs + latenessMs < this.instants[WAKES_AT]!) Atomics.notify(this.words32, GENERATION);
  }

  private tell(words: PollWords): number {
    const port = this.port ?? this.start();
    const index = this.count++;
    this.known.set(words, index);
    port.postMessage(words);
    return index;
  }

  private start(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.worker = new Worker(WORKER, {
      eval: true,
      // A script, whatever kind of program this process was told to take.
      execArgv: [],
      workerData: { control: this.words32.buffer, port: port2 },
      transferList: [port2],
      stdin: false,
    });
    // Neither the thread nor its port keeps the process alive.
    this.worker.unref();
    port1.unref();
    this.port = port1;
    return port1;
  }
}

/** The thread's program. It has no modules of its own to load, which keeps its start short. */
const WORKER = `
const { receiveMessageOnPort, workerData: { control, port } } = require("node:worker_threads");
const words32 = new Int32Array(control);
const instants = new Float64Array(control);
const words = [];
const nowMs = () => { const [s, ns] = process.hrtime(); return s * 1e3 + ns / 1e6; };
let raisedIn;
for (;;) {
  const generation = Atomics.load(words32, ${GENERATION});
  const index = words32[${WORD}];
  const deadline = instants[${DEADLINE}];
  let left = generation === raisedIn ? Infinity : deadline - nowMs();
  if (left <= 0) {
    for (let m; words.length <= index && (m = receiveMessageOnPort(port)) !== undefined; )
      words.push(m.message);
    if (words[index] === undefined) left = 1;
    else if (Atomics.load(words32, ${GENERATION}) === generation) {
      const { words: guest, poll, stack } = words[index];
      Atomics.store(guest, poll, 1);
      Atomics.store(guest, stack, 0);
      raisedIn = generation;
      left = instants[${LENGTH}];
    }
  }
  instants[${WAKES_AT}] = left === Infinity ? Infinity : nowMs() + left;
  if (left > 0) Atomics.wait(words32, ${GENERATION}, generation, left);
}
`;
