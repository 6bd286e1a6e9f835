import { PROT } from "../../abi/mman.ts";
import { SIG } from "../../abi/signal.ts";
import type { Fault } from "../hooks.ts";
import type { AddressSpace } from "./address-space.ts";

/** si_code of SIGSEGV and SIGBUS (asm-generic/siginfo.h). */
const SEGV = { MAPERR: 1, ACCERR: 2 } as const;
const BUS = { ADRERR: 2 } as const;

/**
 * What Linux makes of a refused access (do_page_fault of arch/riscv/mm/fault.c): SIGBUS behind the end of a mapped file,
 * SEGV_ACCERR where the mapping forbids it, SEGV_MAPERR where there is none.
 */
export function pageFault(mm: AddressSpace, address: number, access: number, pc: number): Fault {
  const area = mm.areaAt(address);
  if (area === undefined) return { signal: SIG.SEGV, code: SEGV.MAPERR, address, pc };
  const allowed = (area.prot & access) !== 0 || (access === PROT.READ && (area.prot & PROT.WRITE) !== 0);
  if (!allowed) return { signal: SIG.SEGV, code: SEGV.ACCERR, address, pc };
  return { signal: SIG.BUS, code: BUS.ADRERR, address, pc };
}
