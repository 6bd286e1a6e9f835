// Long runs of real programs that check themselves: node test/programs/long/run.mjs [NAME…]
import { useDebianLock } from "../../../scripts/debian-lock.mjs";
import { pythonModuleCases } from "./python-modules.mjs";
import { realTimeCases } from "./rt-tests.mjs";
import { stressCases } from "./stress-ng.mjs";

const wanted = process.argv.slice(2);
const cases = [...realTimeCases, ...stressCases, ...pythonModuleCases].filter(
  ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
);
await useDebianLock();
let failures = 0;
for (const { name, check } of cases) {
  const started = performance.now();
  const why = check();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${why === undefined ? "ok  " : "FAIL"} ${name} (${seconds} s)`);
  if (why === undefined) continue;
  console.log(why.replace(/^/gm, "     "));
  failures++;
}
console.log(`${cases.length - failures} passed, ${failures} failed`);
process.exitCode = failures === 0 && cases.length > 0 ? 0 : 1;
