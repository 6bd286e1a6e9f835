import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

/** Debian's Chromium; another browser of its kind can be named. */
const browserPath = process.env.DRUPE_CHROMIUM ?? "/usr/bin/chromium";

/** Why no browser can be used here; undefined if one can. */
export function missingBrowser() {
  return existsSync(browserPath)
    ? undefined
    : `there is no ${browserPath}: install Debian's chromium, or name one in DRUPE_CHROMIUM`;
}

/** Tests run as root in containers, where Chromium's own sandbox and that of graphics cannot. */
const OPTIONS = { executablePath: browserPath, args: ["--no-sandbox", "--disable-gpu", "--disable-gpu-sandbox"] };

/** Starts Chromium without a window. */
export function launch() {
  return chromium.launch(OPTIONS);
}

/**
 * Starts Chromium with what sites kept in a folder, as a user's own is.
 * @param {string} folder
 */
export function launchAgain(folder) {
  return chromium.launchPersistentContext(folder, OPTIONS);
}
