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

/** Starts Chromium without a window. Tests run as root in containers, where its own sandbox and that of graphics cannot. */
export function launch() {
  return chromium.launch({
    executablePath: browserPath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-gpu-sandbox"],
  });
}
