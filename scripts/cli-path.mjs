import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const manifest = new URL("../package.json", import.meta.url);

/** The command line as it is installed: what package.json calls `drupe`. */
export const cliPath = fileURLToPath(new URL(JSON.parse(readFileSync(manifest, "utf8")).bin.drupe, manifest));
