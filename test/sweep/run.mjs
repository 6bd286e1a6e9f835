/**
 * Odd arguments: `npm run test:sweep [-- CALL]`, after a build. sweep.c asks the kernel of this machine and Drupe the same
 * questions; what they answer differently must be in known.json, with a reason, and what is there must still differ.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cliPath } from "../../scripts/cli-path.mjs";

const [call] = process.argv.slice(2);
const source = fileURLToPath(new URL("sweep.c", import.meta.url));
/** Reasons by `call: Linux's answer -> Drupe's`. @type {Record<string, string>} */
const known = JSON.parse(readFileSync(new URL("known.json", import.meta.url), "utf8"));

const folder = mkdtempSync(join(tmpdir(), "drupe-sweep-"));
const [native, guest] = [join(folder, "native"), join(folder, "guest")];
execFileSync("gcc", ["-O1", "-w", "-o", native, source]);
execFileSync("riscv64-linux-gnu-gcc", ["-O1", "-w", "-static", "-o", guest, source]);
const only = call === undefined ? [] : ["150", call];
const theirs = answers(native, [join(folder, "native-files"), ...only]);
const ours = answers(process.execPath, [cliPath, "run", "-q", guest, "--", "/files", ...only]);
rmSync(folder, { recursive: true });

/** @type {Map<string, string[]>} */
const differences = new Map();
for (const [question, answer] of theirs) {
  if (answer === ours.get(question)) continue;
  const kind = `${question.slice(0, question.indexOf("("))}: ${answer} -> ${ours.get(question)}`;
  differences.set(kind, [...(differences.get(kind) ?? []), question]);
}
const unknown = [...differences].filter(([kind]) => known[kind] === undefined);
const gone = Object.keys(known).filter(
  (kind) => !differences.has(kind) && (call ?? kind.split(":")[0]) === kind.split(":")[0],
);
for (const [kind, questions] of unknown) console.log(`FAILED ${kind}: ${questions.length} times, as ${questions[0]}`);
for (const kind of gone) console.log(`FAILED ${kind} is in known.json, and no longer so`);
const different = [...differences.values()].reduce((sum, questions) => sum + questions.length, 0);
console.log(`${theirs.size} questions, ${different} answered differently`);
const failed = unknown.length + gone.length + (theirs.size > 0 ? 0 : 1);
console.log(`${theirs.size - different} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** What each question was answered with. */
function answers(/** @type {string} */ command, /** @type {string[]} */ args) {
  const { stdout } = spawnSync(command, args, { encoding: "latin1", maxBuffer: 1 << 26, timeout: 600_000 });
  const lines = stdout.split("\n").filter((line) => line.includes(") = "));
  return new Map(lines.map((line) => /** @type {[string, string]} */ (line.split(/(?<=\)) = /))));
}
