import { PROT } from "../abi/mman.ts";
import { SIG } from "../abi/signal.ts";
import { EXIT, type ExitReason, HART } from "../machine/hart.ts";
import type { Fault } from "./hooks.ts";
import { pageFault } from "./mm/fault.ts";
import type { Task } from "./task.ts";

/** si_code (asm-generic/siginfo.h). */
const ILL_ILLOPC = 1;
const TRAP_BRKPT = 1;
const BUS_ADRALN = 1;
const SI_KERNEL = 0x80;

/** What Linux makes of the exception that the engine was left with (arch/riscv/kernel/traps.c). */
export function faultOf(task: Task, reason: ExitReason): Fault {
  const { mm, pc } = task;
  const address = Number(BigInt.asUintN(64, mm.memory.i64[HART.faultAddress / 8]!));
  switch (reason) {
    case EXIT.LOAD_FAULT:
      return pageFault(mm, address, PROT.READ, pc);
    case EXIT.STORE_FAULT:
      return pageFault(mm, address, PROT.WRITE, pc);
    case EXIT.FETCH_FAULT:
      return pageFault(mm, pc, PROT.EXEC, pc);
    case EXIT.MISALIGNED:
      return { signal: SIG.BUS, code: BUS_ADRALN, address, pc };
    case EXIT.ILLEGAL:
      return { signal: SIG.ILL, code: ILL_ILLOPC, address: pc, pc };
    case EXIT.BREAKPOINT:
      return { signal: SIG.TRAP, code: TRAP_BRKPT, address: pc, pc };
    default:
      // The place is not known: a trap under a policy that is not precise, or the host's stack exhausted by guest calls.
      return { signal: SIG.SEGV, code: SI_KERNEL, address: 0, pc: undefined };
  }
}
