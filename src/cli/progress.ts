import { Presets, SingleBar } from "cli-progress";
import type { Progress as ProgressEvent } from "../image/index.ts";

/** A bar on stderr; nothing is drawn unless stderr is a terminal. */
export class ProgressBar {
  private bar: SingleBar | undefined;
  private readonly enabled: boolean;
  /** Prints a sentence, unless nothing is to be printed. */
  readonly notice: (text: string) => void;

  constructor(enabled: boolean) {
    this.enabled = enabled && process.stderr.isTTY === true;
    this.notice = (text) => {
      if (!enabled) return;
      this.stop();
      process.stderr.write(`drupe: ${text}\n`);
    };
  }

  readonly update = ({ phase, name, doneBytes, totalBytes }: ProgressEvent): void => {
    if (!this.enabled) return;
    if (this.bar === undefined) {
      this.bar = new SingleBar(
        {
          format: "{phase} {bar} {percentage}% {name}",
          clearOnComplete: true,
          hideCursor: true,
          stream: process.stderr,
        },
        Presets.shades_classic,
      );
      this.bar.start(totalBytes, doneBytes, { phase, name });
    } else {
      this.bar.setTotal(totalBytes);
      this.bar.update(doneBytes, { phase, name });
    }
  };

  /** Clears the bar. */
  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
}
