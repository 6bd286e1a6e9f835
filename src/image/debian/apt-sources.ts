/** Which Debian mirrors a Debian system uses, from its apt sources (sources.list(5)). */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseParagraphs } from "./control.ts";

interface Source {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
}

/**
 * Lists the roots of the Debian archives that apt is told of, in apt's order of files.
 *
 * A third party's repository or debian-security is not the archive: only what has the component main below a path named
 * debian counts, and who opens one still looks at the `Origin` in its Release file.
 */
export function aptMirrors(aptDirectory: string): readonly string[] {
  const files = [join(aptDirectory, "sources.list"), ...listed(join(aptDirectory, "sources.list.d"))];
  const mirrors = new Set<string>();
  for (const file of files) {
    const sources = file.endsWith(".sources") ? paragraphSources(contentOf(file)) : lineSources(contentOf(file));
    for (const source of sources) if (looksLikeDebian(source)) mirrors.add(source.uri.replace(/\/+$/, ""));
  }
  return [...mirrors];
}

/** One-line style: `deb [ options ] uri suite component…`. */
export function lineSources(text: string): readonly Source[] {
  const sources: Source[] = [];
  for (const line of text.split("\n")) {
    const found = /^\s*deb\s+(?:\[[^\]]*\]\s*)?(?<uri>\S+)\s+(?<suite>\S+)(?<rest>[^#]*)/.exec(line)?.groups;
    if (found === undefined) continue;
    sources.push({ uri: found.uri!, suite: found.suite!, components: words(found.rest!) });
  }
  return sources;
}

/** deb822 style. */
export function paragraphSources(text: string): readonly Source[] {
  const sources: Source[] = [];
  for (const fields of parseParagraphs(text)) {
    if (/^(no|false|off|0|without|disable)$/i.test(fields.get("enabled") ?? "yes")) continue;
    if (!words(fields.get("types") ?? "").includes("deb")) continue;
    const components = words(fields.get("components") ?? "");
    for (const uri of words(fields.get("uris") ?? "")) {
      for (const suite of words(fields.get("suites") ?? "")) sources.push({ uri, suite, components });
    }
  }
  return sources;
}

function looksLikeDebian({ uri, suite, components }: Source): boolean {
  const path = /^https?:\/\/[^/]+(\/.*)$/.exec(uri)?.[1];
  if (path === undefined || !components.includes("main") || suite.endsWith("-security")) return false;
  return path.split("/").includes("debian");
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

function listed(directory: string): readonly string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith(".list") || name.endsWith(".sources"));
    return names.sort().map((name) => join(directory, name));
  } catch {
    return [];
  }
}

/** A file that is missing or not ours to read says nothing. */
function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
