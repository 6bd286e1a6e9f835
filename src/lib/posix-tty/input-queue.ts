/** As much as a terminal keeps of what was typed and not read (N_TTY_BUF_SIZE). */
const LIMIT = 4096;

/** What was typed and can be read: complete lines, or plain bytes, by the mode that the terminal is in. */
export class InputQueue {
  /** In canonical mode one element a line; else everything is in the first. */
  private lines: number[][] = [];

  /** Bytes of all of it. */
  get length(): number {
    let sum = 0;
    for (const line of this.lines) sum += line.length;
    return sum;
  }

  get hasLine(): boolean {
    return this.lines.length > 0;
  }

  get isFull(): boolean {
    return this.length >= LIMIT;
  }

  /** Adds a line; an empty one stands for the end of the file. */
  addLine(line: number[]): void {
    this.lines.push(line);
  }

  append(bytes: readonly number[]): void {
    if (bytes.length === 0) return;
    const [first] = this.lines;
    if (first === undefined) this.lines.push([...bytes]);
    else first.push(...bytes);
  }

  /** Reads from the first line, never beyond its end; the rest of it stays. */
  readLine(into: Uint8Array): number {
    const [line] = this.lines as [number[]];
    const taken = line.splice(0, into.length);
    into.set(taken);
    if (line.length === 0) this.lines.shift();
    return taken.length;
  }

  read(into: Uint8Array): number {
    return this.lines.length === 0 ? 0 : this.readLine(into);
  }

  /** Forgets where lines end: at a change of mode what is there becomes one line, or plain bytes. */
  join(): void {
    const all = this.lines.flat();
    this.lines = all.length === 0 ? [] : [all];
  }

  clear(): void {
    this.lines = [];
  }
}
