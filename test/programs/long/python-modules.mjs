// Python's own regression modules for processes, threads and signals. What fails, or is skipped though it runs natively, is
// listed with its reason in python-modules.json; whatever else fails, and whatever is listed and passes, is a failure here.
import { readFileSync } from "node:fs";
import { runGuest } from "./run-guest.mjs";

const SOURCE = "debian:python3,libpython3.13-testsuite,dash,bash,coreutils,procps,util-linux/python3";
const { modules, slow } = JSON.parse(readFileSync(new URL("python-modules.json", import.meta.url), "utf8"));

export const pythonModuleCases = Object.entries(modules).map(([module, known]) => ({
  name: `python ${module}`,
  check() {
    const args = ["-m", "unittest", "-v", `test.${module}`];
    const { status, output } = runGuest(SOURCE, args, { seconds: 3600, flags: ["-e", "HOME=/tmp", "--memory", "12g"] });
    const lines = /^Ran \d+ tests? in /m.test(output) ? compare(output, known) : [`status ${status}`];
    return lines.length === 0 ? undefined : `${lines.join("\n")}\n${output.slice(-3000)}`;
  },
}));

/** How a run differs from what is known of its module. */
function compare(output, { tests, nativeSkips, fails, skips }) {
  const ran = Number(output.match(/^Ran (\d+) tests? in /m)[1]);
  const skipped = Number(output.match(/^(?:OK|FAILED) \(.*skipped=(\d+)/m)?.[1] ?? 0);
  const listed = fails.flatMap((group) => group.tests);
  const mayBeSkipped = nativeSkips + skips.flatMap((group) => group.tests).length;
  const failed = new Set([...output.matchAll(/^(?:FAIL|ERROR): .*\((?:test\.)?(\S+?)\)/gm)].map(([, name]) => name));
  return [
    ...[...failed]
      .filter((name) => !listed.includes(name) && !slow.tests.includes(name))
      .map((name) => `fails: ${name}`),
    ...listed.filter((name) => !failed.has(name)).map((name) => `listed, and passes: ${name}`),
    ...(ran === tests ? [] : [`${ran} tests of ${tests}`]),
    ...(skipped === mayBeSkipped ? [] : [`${skipped} tests are skipped, not ${mayBeSkipped}`]),
  ];
}
