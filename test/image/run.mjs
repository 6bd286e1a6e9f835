/**
 * Images, from the command line to a running program: `node test/image/run.mjs [PATTERN…]` runs the tests whose names match.
 *
 * Programs are compiled here; Debian packages come from this machine's mirror. Everything is built below .cache/image.
 */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { useDebianLock } from "../../scripts/debian-lock.mjs";
import { scratch } from "./lib/drupe.mjs";
import { run } from "./lib/suite.mjs";

await useDebianLock();
rmSync(scratch, { recursive: true, force: true });
mkdirSync(scratch, { recursive: true });
const cases = new URL("./cases/", import.meta.url);
for (const file of readdirSync(cases).sort()) await import(new URL(file, cases));
await run(process.argv.slice(2));
