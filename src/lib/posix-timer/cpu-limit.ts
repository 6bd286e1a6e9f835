import { RLIMIT } from "../../abi/resource.ts";
import { SI, SIG } from "../../abi/signal.ts";
import { NSEC_PER_SEC } from "../../abi/time.ts";
import type { Signo } from "../../abi/types.ts";
import type { Process } from "../../kernel/process.ts";
import { perProcess } from "../../kernel/slot-kinds.ts";
import { limitOf } from "../posix-process/index.ts";
import { postSignal } from "../posix-signal/index.ts";
import { CpuAlarm } from "./alarm.ts";

/** RLIMIT_CPU: SIGXCPU in each second beyond the soft limit, SIGKILL at the hard one. (check_process_timers) */
class CpuLimit {
  private readonly process: Process;
  private readonly alarm: CpuAlarm;
  /** Seconds at which the next SIGXCPU is due. */
  private soft = Number.POSITIVE_INFINITY;

  constructor(process: Process) {
    this.process = process;
    this.alarm = new CpuAlarm(process, () => this.check());
  }

  limitChanged(): void {
    this.soft = limitOf(this.process, RLIMIT.CPU).current;
    this.wait();
  }

  release(): void {
    this.alarm.cancel();
  }

  private check(): void {
    const seconds = this.process.cpuNs / NSEC_PER_SEC;
    if (seconds >= limitOf(this.process, RLIMIT.CPU).maximum) {
      this.send(SIG.KILL);
      return;
    }
    if (seconds >= this.soft) {
      this.send(SIG.XCPU);
      this.soft = Math.floor(seconds) + 1;
    }
    this.wait();
  }

  private wait(): void {
    const next = Math.min(this.soft, limitOf(this.process, RLIMIT.CPU).maximum);
    this.alarm.cancel();
    if (next !== Number.POSITIVE_INFINITY) this.alarm.set(next * NSEC_PER_SEC);
  }

  private send(signo: Signo): void {
    postSignal(this.process, { kind: "kill", signo, code: SI.KERNEL, pid: 0, uid: 0 });
  }
}

const slot = perProcess<CpuLimit>({
  create: (process) => new CpuLimit(process),
  exit: (limit) => limit.release(),
});

/** Watches a process's processor time from when it is given a limit. */
export function watchCpuLimit(process: Process, resource: number): void {
  if (resource === RLIMIT.CPU) process.get(slot).limitChanged();
}
