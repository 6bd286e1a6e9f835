import { L, type Termios, V } from "../../abi/termios.ts";
import { echoForm, isContinuation, type OutputProcessor } from "./output.ts";

const BACKSPACE = 0x08;
const TAB = 0x09;
const NEWLINE = 0x0a;
const SPACE = 0x20;

/** The line that is being typed, and how it looks on the screen (eraser and its kin in drivers/tty/n_tty.c). */
export class LineEditor {
  line: number[] = [];
  private readonly output: OutputProcessor;
  /** Column in which the line began. */
  private startColumn = 0;
  /** With ECHOPRT: characters are being erased, and shown between \ and /. */
  private erasing = false;

  constructor(output: OutputProcessor) {
    this.output = output;
  }

  /** Adds a character, and answers what is echoed. */
  add(byte: number, termios: Termios): readonly number[] {
    const echo: number[] = [];
    if (termios.lflag & L.ECHO) {
      this.finishErasing(echo);
      if (this.line.length === 0) this.startColumn = this.output.column;
      echo.push(...echoForm(byte, termios));
    }
    this.line.push(byte);
    return echo;
  }

  /** Takes the line away. */
  take(): number[] {
    const { line } = this;
    this.line = [];
    return line;
  }

  /** Erases by VERASE, VWERASE or VKILL; answers what is echoed. */
  erase(what: number, termios: Termios): readonly number[] {
    const { lflag } = termios;
    if (this.line.length === 0) return [];
    if (!(lflag & L.ECHO)) {
      this.eraseVisibly(what, termios);
      return [];
    }
    const visibly = L.ECHOK | L.ECHOKE | L.ECHOE;
    if (what === V.KILL && (lflag & visibly) !== visibly) {
      this.line = [];
      const echo: number[] = [];
      this.finishErasing(echo);
      echo.push(...echoForm(termios.cc[V.KILL]!, termios));
      // ECHOK alone starts a new line, since what was typed stays to be seen.
      if (lflag & L.ECHOK) echo.push(NEWLINE);
      return echo;
    }
    return this.eraseVisibly(what, termios);
  }

  /** Shows the line anew (VREPRINT). */
  reprint(termios: Termios): readonly number[] {
    const echo: number[] = [];
    this.finishErasing(echo);
    echo.push(...echoForm(termios.cc[V.REPRINT]!, termios), NEWLINE);
    for (const byte of this.line) echo.push(...echoForm(byte, termios));
    this.startColumn = 0;
    return echo;
  }

  /** Ends what ECHOPRT began. */
  finishErasing(echo: number[]): void {
    if (!this.erasing) return;
    this.erasing = false;
    echo.push(SLASH);
  }

  /** Erases character by character; what is echoed is of no use where echo is off. */
  private eraseVisibly(what: number, termios: Termios): readonly number[] {
    const echo: number[] = [];
    this.wordSeen = false;
    while (this.line.length > 0) {
      if (what === V.WERASE && !this.belongsToWord()) break;
      this.eraseCharacter(this.popCharacter(termios), what, termios, echo);
      if (what === V.ERASE) break;
    }
    if (this.line.length === 0) this.finishErasing(echo);
    return echo;
  }

  private eraseCharacter(character: readonly number[], what: number, termios: Termios, echo: number[]): void {
    const { lflag } = termios;
    const [first] = character as [number, ...number[]];
    if (lflag & L.ECHOPRT) {
      if (!this.erasing) echo.push(BACKSLASH);
      this.erasing = true;
      for (const byte of character) echo.push(...echoForm(byte, termios));
    } else if (what === V.ERASE && !(lflag & L.ECHOE)) echo.push(...echoForm(termios.cc[V.ERASE]!, termios));
    else if (first === TAB) for (let i = this.tabWidth(termios); i > 0; i--) echo.push(BACKSPACE);
    else {
      const control = first < SPACE || first === 0x7f;
      const width = control ? (lflag & L.ECHOCTL ? 2 : 0) : 1;
      for (let i = 0; i < width; i++) echo.push(BACKSPACE, SPACE, BACKSPACE);
    }
  }

  /** How many columns the tab took that stood behind what is left of the line. */
  private tabWidth(termios: Termios): number {
    let column = this.startColumn;
    for (const byte of this.line) {
      if (byte === TAB) column += 8 - (column % 8);
      else if (byte < SPACE || byte === 0x7f) column += termios.lflag & L.ECHOCTL ? 2 : 0;
      else if (!isContinuation(byte, termios)) column++;
    }
    return 8 - (column % 8);
  }

  /** Takes the last character: with IUTF8 all bytes of it. */
  private popCharacter(termios: Termios): readonly number[] {
    const bytes: number[] = [];
    for (let byte = this.line.pop(); byte !== undefined; byte = this.line.pop()) {
      bytes.unshift(byte);
      if (!isContinuation(byte, termios)) break;
    }
    return bytes;
  }

  /** While a word is erased: whether a character of the word itself has gone. */
  private wordSeen = false;

  /** Whether VWERASE takes the last character: what separates words first, then a word. */
  private belongsToWord(): boolean {
    const inWord = isWordByte(this.line.at(-1)!);
    if (inWord) this.wordSeen = true;
    return inWord || !this.wordSeen;
  }
}

const BACKSLASH = 0x5c;
const SLASH = 0x2f;

function isWordByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x5f ||
    byte >= 0x80
  );
}
