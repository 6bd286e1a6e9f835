import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";

/** Words of the control block that both threads see. */
const GENERATION = 0;
const SLICE_MS = 1;

/**
 * A thread that raises a word of guest memory when a time slice is over, while this thread is busy with guest code.
 *
 * It is started by the first request, because starting it costs some 20 ms of processor time, and sleeps in Atomics.wait between
 * slices. Each arming is a new generation: a thread that wakes late sees that its slice is no longer the current one.
 */
export class Preempter {
  private readonly control = new Int32Array(new SharedArrayBuffer(8));
  private worker: Worker | undefined;
  private port: MessagePort | undefined;
  private known: SharedArrayBuffer | undefined;
  private offset = -1;

  /** Raises the word about `sliceMs` from now, unless the returned function is called before. */
  arm(word: { readonly buffer: SharedArrayBuffer; readonly offset: number }, sliceMs: number): () => void {
    const port = this.port ?? this.start();
    if (this.known !== word.buffer || this.offset !== word.offset) {
      this.known = word.buffer;
      this.offset = word.offset;
      port.postMessage(word);
    }
    this.control[SLICE_MS] = Math.max(1, Math.ceil(sliceMs));
    this.nextGeneration();
    return this.disarm;
  }

  close(): void {
    void this.worker?.terminate();
    this.worker = undefined;
    this.port = undefined;
    this.known = undefined;
  }

  private readonly disarm = (): void => {
    this.control[SLICE_MS] = 0;
    this.nextGeneration();
  };

  private nextGeneration(): void {
    Atomics.add(this.control, GENERATION, 1);
    Atomics.notify(this.control, GENERATION);
  }

  private start(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.worker = new Worker(WORKER, {
      eval: true,
      workerData: { control: this.control, port: port2 },
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
let word;
for (;;) {
  const generation = Atomics.load(control, ${GENERATION});
  for (let m; (m = receiveMessageOnPort(port)) !== undefined; ) word = new Int32Array(m.message.buffer, m.message.offset, 1);
  const slice = Atomics.load(control, ${SLICE_MS});
  const over = Atomics.wait(control, ${GENERATION}, generation, slice === 0 ? Infinity : slice);
  if (over === "timed-out" && word !== undefined && slice !== 0) {
    Atomics.store(word, 0, 1);
    Atomics.wait(control, ${GENERATION}, generation);
  }
}
`;
