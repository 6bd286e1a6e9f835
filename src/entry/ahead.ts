import type { AheadCode, AheadModule, AheadObject } from "../engine/ahead/code.ts";
import type { OpenImage } from "./container.ts";
import type { AheadRow } from "./manifest.ts";

/** The translated code of an image, as engines look for it. */
export function aheadCode(image: OpenImage): AheadCode {
  const { ahead, targets } = image.manifest;
  const objects = new Map<string, AheadObject>();
  for (const row of ahead) objects.set(nameOf(row.contentKey, row.base, targets[row.target]!), objectOf(image, row));
  return { object: (contentKey, base, target) => objects.get(nameOf(contentKey, base, target)) };
}

function nameOf(contentKey: string, base: number, target: string): string {
  return `${contentKey} ${base} ${target}`;
}

function objectOf(image: OpenImage, { modules }: AheadRow): AheadObject {
  return {
    modules: modules.map(
      ({ blob, starts, startup }): AheadModule => ({
        key: `image ${blob}`,
        starts: fromDistances(starts),
        startup,
        read: () => image.blob(blob),
      }),
    ),
  };
}

/** The starts of regions, of which the manifest has the distances. */
export function fromDistances(distances: readonly number[]): readonly number[] {
  let at = 0;
  return distances.map((distance) => {
    at += distance;
    return at;
  });
}
