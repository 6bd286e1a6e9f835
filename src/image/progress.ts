/** How far a slow step is, for a progress bar. Counts run over the whole phase, not over one item. */
export interface Progress {
  readonly phase: "index" | "download" | "unpack";
  /** What moved last: a file or a package. */
  readonly name: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export type OnProgress = (progress: Progress) => void;

/** Adds up the steps of one phase, whose items may advance in any order. */
export class PhaseMeter {
  readonly #phase: Progress["phase"];
  readonly #total: number;
  readonly #report: OnProgress;
  #done = 0;

  constructor(phase: Progress["phase"], totalBytes: number, report: OnProgress) {
    this.#phase = phase;
    this.#total = totalBytes;
    this.#report = report;
  }

  /** Counts bytes of an item; negative when a try has failed and starts again. */
  advance(name: string, bytes: number): void {
    this.#done += bytes;
    this.#report({ phase: this.#phase, name, doneBytes: this.#done, totalBytes: this.#total });
  }
}
