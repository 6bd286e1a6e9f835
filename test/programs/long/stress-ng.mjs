// stress-ng's stressors for processes, threads, signals, locks, timers, message queues and watches of files, each verifying its own work.
import { runGuest } from "./run-guest.mjs";

const SOURCE = "debian:stress-ng,util-linux,dash,coreutils";
const STRESSORS =
  "futex mutex pthread sem kill signal sigq sigfd sigpending sigsuspend sigtrap sigio sigrt sigabrt sigsegv sigchld " +
  "sigpipe fork vfork clone exec spawn zombie daemon wait timer itimer nanosleep switch yield schedpolicy affinity " +
  "shm-sysv sem-sysv msg mq inotify";

/** Those that refuse to run as root. */
const UNPRIVILEGED = new Set(["exec", "spawn"]);

export const stressCases = STRESSORS.split(" ").map((name) => ({
  name: `stress-ng ${name}`,
  check: () => stress(name),
}));

function stress(name) {
  const args = [
    `--${name}`,
    "2",
    `--${name}-ops`,
    "20",
    "--verify",
    "-t",
    "5",
    "--temp-path",
    "/tmp",
    "--metrics-brief",
  ];
  const user = ["--reuid=65534", "--regid=65534", "--clear-groups", "stress-ng", ...args];
  // Each stressor's children have a copy of 28 MB: sigrt has 62 of them at a time.
  const options = { seconds: 120, flags: ["--memory", "8g"] };
  const { status, output } = UNPRIVILEGED.has(name)
    ? runGuest(`${SOURCE}/setpriv`, user, options)
    : runGuest(`${SOURCE}/stress-ng`, args, options);
  const done = Number(output.match(new RegExp(`metrc: .*\\] ${name} +(\\d+)`))?.[1] ?? 0);
  const failed = output.match(/failed: (\d+)/)?.[1];
  if (status === 0 && failed === "0" && done > 0 && !/stress-ng: fail:/.test(output)) return undefined;
  return `status ${status}, ${done} operations, failed: ${failed}\n${output.slice(-1500)}`;
}
