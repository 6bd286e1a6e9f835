import { I, L, OFLAG, type Termios } from "../../abi/termios.ts";

const BACKSPACE = 0x08;
const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const TAB_STOP = 8;

/** What happens to bytes on their way out (do_output_char in drivers/tty/n_tty.c), and where the cursor is afterwards. */
export class OutputProcessor {
  /** Column of the cursor, as far as plain text tells. */
  column = 0;

  /** Appends to `out` what a terminal gets to see for a byte. */
  put(byte: number, termios: Termios, out: number[]): void {
    const { oflag } = termios;
    if (!(oflag & OFLAG.OPOST)) {
      out.push(byte);
      return;
    }
    switch (byte) {
      case NEWLINE:
        if (oflag & (OFLAG.ONLCR | OFLAG.ONLRET)) this.column = 0;
        if (oflag & OFLAG.ONLCR) out.push(RETURN);
        out.push(NEWLINE);
        return;
      case RETURN:
        this.putReturn(oflag, out);
        return;
      case TAB:
        this.putTab(oflag, out);
        return;
      case BACKSPACE:
        if (this.column > 0) this.column--;
        out.push(byte);
        return;
      default:
        if (byte >= 0x20 && byte !== 0x7f && !isContinuation(byte, termios)) this.column++;
        out.push(oflag & OFLAG.OLCUC && byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte);
    }
  }

  private putReturn(oflag: number, out: number[]): void {
    if (oflag & OFLAG.ONOCR && this.column === 0) return;
    if (!(oflag & OFLAG.OCRNL)) {
      this.column = 0;
      out.push(RETURN);
      return;
    }
    if (oflag & OFLAG.ONLRET) this.column = 0;
    out.push(NEWLINE);
  }

  private putTab(oflag: number, out: number[]): void {
    const spaces = TAB_STOP - (this.column % TAB_STOP);
    this.column += spaces;
    if ((oflag & OFLAG.TABDLY) !== OFLAG.XTABS) out.push(TAB);
    else for (let i = 0; i < spaces; i++) out.push(0x20);
  }
}

/** Whether a byte goes on with a UTF-8 character that a byte before began. */
export function isContinuation(byte: number, { iflag }: Termios): boolean {
  return (iflag & I.IUTF8) !== 0 && (byte & 0xc0) === 0x80;
}

/** How a byte is echoed: control characters as ^X if ECHOCTL says so. */
export function echoForm(byte: number, { lflag }: Termios): readonly number[] {
  const control = byte < 0x20 || byte === 0x7f;
  return control && byte !== TAB && lflag & L.ECHOCTL ? [CARET, byte ^ 0x40] : [byte];
}

export const CARET = 0x5e;
