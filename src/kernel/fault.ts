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

/** Where and how the engine was refused an access; undefined if it was left for another reason. */
function accessOfExit(
  task: Task,
  reason: ExitReason,
): { readonly address: number; readonly access: number } | undefined {
  const address = faultAddress(task);
  switch (reason) {
    case EXIT.LOAD_FAULT:
      return { address, access: PROT.READ };
    case EXIT.STORE_FAULT:
      return { address, access: PROT.WRITE };
    case EXIT.FETCH_FAULT:
      return { address: task.pc, access: PROT.EXEC };
    default:
      return undefined;
  }
}

/** Whether a refused access can be made possible, so that the instruction is simply run again. */
export function resolveFault(task: Task, reason: ExitReason): boolean {
  const refused = accessOfExit(task, reason);
  return refused !== undefined && task.mm.resolvePage(refused.address, refused.access);
}

/** What Linux makes of the exception that the engine was left with (arch/riscv/kernel/traps.c). */
export function faultOf(task: Task, reason: ExitReason): Fault {
  const { mm, pc } = task;
  const refused = accessOfExit(task, reason);
  if (refused !== undefined) return pageFault(mm, refused.address, refused.access, pc);
  switch (reason) {
    case EXIT.MISALIGNED:
      return { signal: SIG.BUS, code: BUS_ADRALN, address: faultAddress(task), pc };
    case EXIT.ILLEGAL:
      return { signal: SIG.ILL, code: ILL_ILLOPC, address: pc, pc };
    case EXIT.BREAKPOINT:
      return { signal: SIG.TRAP, code: TRAP_BRKPT, address: pc, pc };
    default:
      // The place is not known: a trap under a policy that is not precise, or the host's stack exhausted by guest calls.
      return { signal: SIG.SEGV, code: SI_KERNEL, address: 0, pc: undefined };
  }
}

function faultAddress({ mm }: Task): number {
  return Number(BigInt.asUintN(64, mm.memory.i64[HART.faultAddress / 8]!));
}
