/** The libraries that there are, with what each would add to an image. */

import { BuildError } from "./build-error.ts";
import { bundle } from "./bundle/bundle.ts";
import { catalogue } from "./libraries/catalogue.ts";
import { resolve } from "./libraries/resolve.ts";
import { chooseLibraries } from "./make-image.ts";
import type { ImagePlan } from "./plan.ts";

export interface MenuRow {
  readonly name: string;
  readonly summary: string;
  readonly needs: readonly string[];
  /** System calls that it provides. */
  readonly syscalls: readonly string[];
  /** Of its own modules in a bundle, minified. */
  readonly bytes: number;
  /** Why an image has it; undefined if the image has not, or if there is none. */
  readonly why?: string;
}

/** Lists all libraries in dependency order; with a plan, says which of them its image gets. */
export async function menu(plan?: ImagePlan): Promise<readonly MenuRow[] | BuildError> {
  const wishes = [...catalogue.keys()].map((name) => ({ name, why: "" }));
  const all = resolve({ catalogue, wishes, without: [] });
  if (all instanceof BuildError) return all;
  const chosen = plan === undefined ? [] : await chooseLibraries(plan);
  if (chosen instanceof BuildError) return chosen;
  const sizes = await librarySizes(all);
  return [...catalogue.values()].map(({ name, summary, needs, syscalls }) => {
    const why = chosen.find((library) => library.name === name)?.why;
    return {
      name,
      summary,
      needs: needs.map((needed) => needed.name),
      syscalls: syscalls.map((call) => call.name),
      bytes: sizes.get(name) ?? 0,
      ...(why === undefined ? {} : { why }),
    };
  });
}

/** Bytes of each library's modules in the bundle of an image that has all. */
async function librarySizes(
  libraries: Parameters<typeof bundle>[0]["libraries"],
): Promise<ReadonlyMap<string, number>> {
  const { modules } = await bundle({
    libraries,
    runtime: "full",
    files: true,
    trace: false,
    float: true,
    programs: undefined,
    replay: false,
    host: "node",
    payload: { file: "" },
  });
  const sizes = new Map<string, number>();
  for (const [module, bytes] of modules) {
    const name = /^lib\/([^/]+)\//.exec(module)?.[1];
    if (name !== undefined) sizes.set(name, (sizes.get(name) ?? 0) + bytes);
  }
  return sizes;
}
