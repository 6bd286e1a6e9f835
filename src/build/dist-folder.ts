import { fileURLToPath } from "node:url";

/** The folder of compiled modules that images are bundled from. This module lies one folder below it, bundled or not. */
export const distFolder = fileURLToPath(new URL("..", import.meta.url));
