// rt-tests: latencies of locks and signals between threads and processes, priority inheritance, and hackbench's many pairs.
import { runGuest } from "./run-guest.mjs";

const CASES = [
  ["pi_stress", "--duration", "3", "--quiet", "--groups", "1"],
  ["pi_stress", "--duration", "3", "--quiet", "--groups", "1", "--rr"],
  ["ptsematest", "-l", "100", "-q"],
  ["sigwaittest", "-l", "100", "-q"],
  ["sigwaittest", "-l", "100", "-q", "-f"],
  ["signaltest", "-l", "100", "-q", "-t", "3"],
  ["cyclictest", "-l", "100", "-q", "-t", "2"],
  ["hackbench", "-g", "2", "-f", "5", "-l", "50"],
  ["hackbench", "-T", "-g", "2", "-f", "5", "-l", "50"],
  ["hackbench", "-p", "-g", "2", "-f", "5", "-l", "50"],
];

/** What each prints when it has done its work. */
const PROOF = {
  pi_stress: /Total inversion performed: [1-9]/,
  ptsematest: /Cycles 100/,
  sigwaittest: /Cycles 100/,
  signaltest: /T: 2 .* C: +100/,
  cyclictest: /T: 0 .* C: +100/,
  hackbench: /Time: \d/,
};

export const realTimeCases = CASES.map(([program, ...args]) => ({
  name: [program, ...args].join(" "),
  check() {
    const { status, output } = runGuest(`debian:rt-tests,dash,coreutils/${program}`, args, { seconds: 120 });
    return status === 0 && PROOF[program].test(output) ? undefined : `status ${status}\n${output.slice(-1500)}`;
  },
}));
