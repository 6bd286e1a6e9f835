import { SA, SIG, SIG_DFL, SIG_IGN } from "../../abi/signal.ts";
import { SignalSet } from "../../abi/signal-set.ts";
import type { Signo } from "../../abi/types.ts";
import type { Process } from "../../kernel/process.ts";
import { perProcess } from "../../kernel/slot-kinds.ts";

/** What a process does when a signal comes (struct sigaction). */
export interface SigAction {
  /** Address of the handler, or SIG_DFL or SIG_IGN. */
  readonly handler: bigint;
  /** The same, by meaning. */
  readonly does: "default" | "ignore" | "handle";
  /** SA_* bits, unsigned. */
  readonly flags: number;
  /** Blocked while the handler runs. */
  readonly mask: SignalSet;
}

export type DefaultAction = "terminate" | "core" | "ignore" | "stop" | "continue";

/** Signals that no program can catch, block or ignore. */
export const UNBLOCKABLE = SignalSet.of(SIG.KILL, SIG.STOP);

export const STOP_SIGNALS = SignalSet.of(SIG.STOP, SIG.TSTP, SIG.TTIN, SIG.TTOU);
const IGNORED_BY_DEFAULT = SignalSet.of(SIG.CHLD, SIG.URG, SIG.WINCH);
const CORE_SIGNALS = SignalSet.of(
  SIG.QUIT,
  SIG.ILL,
  SIG.TRAP,
  SIG.ABRT,
  SIG.FPE,
  SIG.SEGV,
  SIG.BUS,
  SIG.SYS,
  SIG.XCPU,
  SIG.XFSZ,
);

/** What happens if the program chose nothing (signal(7), "Standard signals"). */
export function defaultAction(signo: Signo): DefaultAction {
  if (signo === SIG.CONT) return "continue";
  if (STOP_SIGNALS.has(signo)) return "stop";
  if (IGNORED_BY_DEFAULT.has(signo)) return "ignore";
  return CORE_SIGNALS.has(signo) ? "core" : "terminate";
}

const HANDLER_DEFAULT = BigInt(SIG_DFL);
const HANDLER_IGNORE = BigInt(SIG_IGN);
const DEFAULT = makeAction(HANDLER_DEFAULT, 0, SignalSet.EMPTY);

export function makeAction(handler: bigint, flags: number, mask: SignalSet): SigAction {
  const does = handler === HANDLER_DEFAULT ? "default" : handler === HANDLER_IGNORE ? "ignore" : "handle";
  return Object.freeze({ handler, does, flags, mask });
}

/** By number; what is missing is the default. */
type Actions = (SigAction | undefined)[];

const slot = perProcess<Actions>({
  create: () => [],
  fork: (parent) => parent.slice(),
  exec(actions) {
    dropHandlers(actions);
    return actions;
  },
});

/** A new program has no handlers; what the old one ignored stays ignored. */
function dropHandlers(actions: Actions): void {
  for (const [signo, action] of actions.entries()) if (action && !isIgnore(action)) actions[signo] = undefined;
}

/** Makes two processes have the same actions, whoever changes them. */
export function shareActions(child: Process, parent: Process): void {
  child.shareSlot(slot, parent);
}

/** Whether another process has the same actions. */
export function isSharingActions(process: Process): boolean {
  return process.isSlotShared(slot);
}

/** Forgets all handlers (CLONE_CLEAR_SIGHAND). */
export function clearHandlers(process: Process): void {
  dropHandlers(process.get(slot));
}

export function actionOf(process: Process, signo: Signo): SigAction {
  return process.get(slot)[signo] ?? DEFAULT;
}

export function setAction(process: Process, signo: Signo, action: SigAction): void {
  process.get(slot)[signo] = action;
}

export const isDefault = ({ does }: SigAction): boolean => does === "default";
export const isIgnore = ({ does }: SigAction): boolean => does === "ignore";

/** Makes a signal do what it does by default. */
export function resetAction(process: Process, signo: Signo): void {
  const { flags, mask } = actionOf(process, signo);
  setAction(process, signo, makeAction(HANDLER_DEFAULT, flags, mask));
}

/** Whether the signal has no effect at all, by choice or by default (sig_handler_ignored). */
export function hasNoEffect(action: SigAction, signo: Signo): boolean {
  if (isIgnore(action)) return true;
  return isDefault(action) && (IGNORED_BY_DEFAULT.has(signo) || signo === SIG.CONT);
}

/** The flags that Linux knows; others are cleared when an action is set, so that a program can see which ones it has. */
export const KNOWN_FLAGS =
  (SA.NOCLDSTOP |
    SA.NOCLDWAIT |
    SA.SIGINFO |
    SA.EXPOSE_TAGBITS |
    SA.ONSTACK |
    SA.RESTART |
    SA.NODEFER |
    SA.RESETHAND) >>>
  0;
