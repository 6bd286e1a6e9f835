/** The function ranges of .eh_frame (Linux Standard Base, "Exception Frames"; DWARF 4, section 6.4.1). */

export interface FrameRange {
  readonly start: number;
  readonly size: number;
}

/** DW_EH_PE_*: how a pointer is stored, and what it is relative to. */
const PE = {
  absptr: 0x00,
  udata4: 0x03,
  udata8: 0x04,
  sdata4: 0x0b,
  sdata8: 0x0c,
  pcrel: 0x10,
  format: 0x0f,
  base: 0x70,
};

/** Reads little-endian fields one behind the other; `ok` turns false at the first one beyond the end. */
class Cursor {
  readonly view: DataView;
  at: number;
  readonly end: number;
  ok = true;

  constructor(view: DataView, at: number, end: number) {
    this.view = view;
    this.at = at;
    this.end = end;
  }

  private take(bytes: number): number {
    const at = this.at;
    if (at + bytes > this.end) {
      this.ok = false;
      return -1;
    }
    this.at += bytes;
    return at;
  }

  u8(): number {
    const at = this.take(1);
    return at < 0 ? 0 : this.view.getUint8(at);
  }

  u32(): number {
    const at = this.take(4);
    return at < 0 ? 0 : this.view.getUint32(at, true);
  }

  i32(): number {
    return this.u32() | 0;
  }

  i64(): number {
    const low = this.u32();
    return this.i32() * 0x1_0000_0000 + low;
  }

  uleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  string(): string {
    let text = "";
    for (let byte = this.u8(); byte !== 0; byte = this.u8()) text += String.fromCharCode(byte);
    return text;
  }

  /** A pointer in one of the encodings that compilers use; undefined for others. `address` is where this section lies. */
  pointer(encoding: number, address: number): number | undefined {
    const here = address + this.at;
    const value = this.stored(encoding & PE.format);
    if (value === undefined) return undefined;
    const base = encoding & PE.base;
    return base === PE.pcrel ? here + value : base === 0 ? value : undefined;
  }

  private stored(format: number): number | undefined {
    switch (format) {
      case PE.absptr:
      case PE.udata8:
      case PE.sdata8:
        return this.i64();
      case PE.udata4:
        return this.u32();
      case PE.sdata4:
        return this.i32();
      default:
        return undefined;
    }
  }
}

/** Reads the ranges that the section's FDEs describe, before relocation. `address` is the section's own. */
export function frameRanges(section: Uint8Array, address: number): readonly FrameRange[] {
  const view = new DataView(section.buffer, section.byteOffset, section.byteLength);
  const encodings = new Map<number, number | undefined>();
  const ranges: FrameRange[] = [];
  for (let at = 0; at + 8 <= section.length; ) {
    const length = view.getUint32(at, true);
    const end = at + 4 + length;
    // 0 terminates; all ones announces a 64-bit length, which no riscv64 compiler emits.
    if (length === 0 || end > section.length) break;
    const body = new Cursor(view, at + 4, end);
    const id = body.u32();
    if (id === 0) {
      encodings.set(at, pointerEncoding(body));
    } else {
      const encoding = encodings.get(at + 4 - id);
      const start = encoding === undefined ? undefined : body.pointer(encoding, address);
      const size = encoding === undefined ? undefined : body.pointer(encoding & PE.format, address);
      if (body.ok && start !== undefined && size !== undefined && size > 0) ranges.push({ start, size });
    }
    at = end;
  }
  return ranges;
}

/** The encoding of code pointers that a CIE's augmentation names ("zR"). */
function pointerEncoding(cie: Cursor): number | undefined {
  const version = cie.u8();
  const augmentation = cie.string();
  if (version !== 1 && version !== 3) return undefined;
  cie.uleb(); // code alignment
  cie.uleb(); // data alignment, signed: only its length matters
  if (version === 1) cie.u8();
  else cie.uleb(); // return address register
  if (!augmentation.startsWith("z")) return augmentation === "" ? PE.absptr : undefined;
  cie.uleb(); // augmentation length
  let encoding: number | undefined = PE.absptr;
  for (const letter of augmentation.slice(1)) {
    if (letter === "R") encoding = cie.u8();
    else if (letter === "L") cie.u8();
    else if (letter === "P") cie.pointer(cie.u8(), 0);
    else if (letter !== "S" && letter !== "B") return undefined;
  }
  return cie.ok ? encoding : undefined;
}
