import type { ByteString } from "../../base/bytes.ts";
import type { MappableFile } from "../mm/mappable.ts";
import { buildVdso, type VdsoImage } from "./vdso-image.ts";

/** The vDSO, which the kernel maps into every program. */
export interface Vdso {
  readonly file: MappableFile;
  /** Offset of __vdso_rt_sigreturn. */
  readonly sigreturn: number;
}

let built: Vdso | undefined;

/** The vDSO's file: the same for every program, built once. */
export function vdso(): Vdso {
  if (built === undefined) {
    const image = buildVdso();
    built = { file: new VdsoFile(image), sigreturn: image.sigreturn };
  }
  return built;
}

/** The file as something that can be mapped; no filesystem holds it. */
class VdsoFile implements MappableFile {
  readonly name = "[vdso]" as ByteString;
  readonly inode = 0;
  readonly device = 0;
  private readonly image: VdsoImage;

  constructor(image: VdsoImage) {
    this.image = image;
  }

  get size(): number {
    return this.image.bytes.length;
  }

  read(offset: number, into: Uint8Array): number {
    const part = this.image.bytes.subarray(offset, offset + into.length);
    into.set(part);
    return part.length;
  }

  contentKey(): string {
    return this.image.digest;
  }
}
