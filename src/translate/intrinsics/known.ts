/** Fingerprints of C libraries' functions, from their riscv64 builds in Debian 12 and 13. */
import type { IntrinsicName } from "./index.ts";

export interface KnownFunction {
  readonly name: IntrinsicName;
  /** Length of its code. */
  readonly bytes: number;
  readonly fingerprint: string;
}

/** glibc 2.36, glibc 2.41 and musl 1.2.5, in this order; all are compiled C without assembly. */
export const KNOWN: readonly KnownFunction[] = [
  { name: "compare", bytes: 824, fingerprint: "b145981240e1d6ce" },
  { name: "copy", bytes: 294, fingerprint: "e5d8a80755f69da6" },
  { name: "copy", bytes: 148, fingerprint: "3e3bc3aaa6475ca2" },
  { name: "find", bytes: 132, fingerprint: "d002a8735d13e971" },
  { name: "fill", bytes: 150, fingerprint: "4bdb5225c71e4925" },
  { name: "compare strings", bytes: 30, fingerprint: "5f219cff509f6514" },
  { name: "length", bytes: 176, fingerprint: "519ef72333efdba2" },
  { name: "copy", bytes: 298, fingerprint: "f7f39e0bf421b799" },
  { name: "length", bytes: 292, fingerprint: "b003a4a5549690a0" },
  { name: "find", bytes: 484, fingerprint: "ef15fb3da6b34585" },
  { name: "compare", bytes: 810, fingerprint: "1a3fc4f67d5f7df5" },
  { name: "fill", bytes: 164, fingerprint: "3b7751b9843052e6" },
  { name: "compare strings", bytes: 596, fingerprint: "e11787bcbef3611b" },
  { name: "length", bytes: 134, fingerprint: "209431692f8f86d0" },
  { name: "fill", bytes: 202, fingerprint: "aeac4c46f47436eb" },
  { name: "copy", bytes: 280, fingerprint: "fe3add37ec5904b1" },
  { name: "find", bytes: 160, fingerprint: "7ec071532b5ff1b2" },
  { name: "compare", bytes: 38, fingerprint: "e3f2e173a2f5ca24" },
  { name: "copy", bytes: 960, fingerprint: "66f04015eb107abc" },
  { name: "compare strings", bytes: 30, fingerprint: "beeb5c217fb86759" },
];
