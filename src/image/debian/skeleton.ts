/** What a root needs beside its packages: the links of the merged /usr, mount points, and users to be. */
import { type ByteString, bytesOf, utf8Encode } from "../../base/bytes.ts";
import type { ImageError } from "../image-error.ts";
import type { RootBuilder, RootEntry } from "../root-tree.ts";

const META = { uid: 0, gid: 0, mtime: { seconds: 0, nanoseconds: 0 } } as const;

/**
 * Makes /bin, /lib and /sbin links into /usr, as every Debian since bookworm has them (base-files ships the same).
 *
 * They come before any package, so that one which still ships /lib/… lands in /usr/lib, and the interpreter
 * /lib/ld-linux-riscv64-lp64d.so.1 that ELF files name is found.
 */
export function mergeUsr(builder: RootBuilder): ImageError | undefined {
  for (const name of ["bin", "lib", "sbin"]) {
    const link = { type: "symlink", mode: 0o777, ...META, target: utf8Encode(`usr/${name}`) } as const;
    const failed = builder.add(`usr/${name}` as ByteString, directory(0o755)) ?? builder.add(name as ByteString, link);
    if (failed !== undefined) return failed;
  }
  return undefined;
}

/** Adds what base-passwd and the installer of a real system would have made, where no package brought it. */
export function completeRoot(builder: RootBuilder): ImageError | undefined {
  for (const [path, entry] of ESSENTIALS) {
    if (builder.resolve(path as ByteString, "keep-last") !== undefined) continue;
    const failed = builder.add(path as ByteString, entry);
    if (failed !== undefined) return failed;
  }
  return undefined;
}

const ESSENTIALS: readonly (readonly [string, RootEntry])[] = [
  ["dev", directory(0o755)],
  ["etc", directory(0o755)],
  ["home", directory(0o755)],
  ["proc", directory(0o555)],
  ["root", directory(0o700)],
  ["run", directory(0o755)],
  ["sys", directory(0o555)],
  ["tmp", directory(0o1777)],
  ["var/tmp", directory(0o1777)],
  ["etc/passwd", text("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n")],
  ["etc/hosts", text("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n")],
  ["etc/group", text("root:x:0:\ntty:x:5:\nnogroup:x:65534:\n")],
];

function directory(mode: number): RootEntry {
  return { type: "directory", mode, ...META };
}

function text(content: string): RootEntry {
  const body = bytesOf(utf8Encode(content));
  return { type: "file", mode: 0o644, ...META, size: body.length, read: () => body.slice() };
}
