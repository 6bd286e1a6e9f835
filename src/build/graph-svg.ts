/** Draws the graph of an image's libraries. */

export interface GraphNode {
  readonly name: string;
  readonly needs: readonly string[];
  /** A line below the name. */
  readonly note: string;
}

const WIDTH = 150;
const HEIGHT = 40;
const GAP_X = 18;
const GAP_Y = 46;
const MARGIN = 16;

interface Placed extends GraphNode {
  readonly x: number;
  readonly y: number;
}

/** Draws libraries in layers: each below those that need it. Nodes come in dependency order. */
export function graphSvg(title: string, nodes: readonly GraphNode[]): string {
  const placed = place(nodes);
  const width = Math.max(...placed.map(({ x }) => x)) + WIDTH + MARGIN;
  const height = Math.max(...placed.map(({ y }) => y)) + HEIGHT + MARGIN;
  const byName = new Map(placed.map((node) => [node.name, node]));
  const edges = placed.flatMap((node) => direct(node, byName).map((needed) => edge(node, byName.get(needed)!)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-sans-serif, system-ui, sans-serif">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...edges,
    ...placed.map(box),
    "</svg>",
    "",
  ].join("\n");
}

function place(nodes: readonly GraphNode[]): readonly Placed[] {
  const level = new Map<string, number>();
  for (const { name, needs } of nodes)
    level.set(name, Math.max(0, ...needs.map((needed) => (level.get(needed) ?? -1) + 1)));
  const top = Math.max(...level.values());
  const counts = new Map<number, number>();
  return nodes.map((node) => {
    const row = top - level.get(node.name)!;
    const column = counts.get(row) ?? 0;
    counts.set(row, column + 1);
    return { ...node, x: MARGIN + column * (WIDTH + GAP_X), y: MARGIN + row * (HEIGHT + GAP_Y) };
  });
}

/** Needs that do not follow from other needs. */
function direct({ needs }: GraphNode, byName: ReadonlyMap<string, GraphNode>): readonly string[] {
  const present = needs.filter((name) => byName.has(name));
  const reaches = (from: string, to: string): boolean =>
    (byName.get(from)?.needs ?? []).some((next) => next === to || reaches(next, to));
  return present.filter((name) => !present.some((other) => other !== name && reaches(other, name)));
}

function edge(from: Placed, to: Placed): string {
  const [x1, y1, x2, y2] = [from.x + WIDTH / 2, from.y + HEIGHT, to.x + WIDTH / 2, to.y];
  const bend = (y1 + y2) / 2;
  return `<path d="M${x1} ${y1}C${x1} ${bend} ${x2} ${bend} ${x2} ${y2}" fill="none" stroke="#9aa5b1"/>`;
}

function box({ name, note, x, y }: Placed): string {
  const middle = x + WIDTH / 2;
  return [
    `<rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="6" fill="#f4f0ff" stroke="#6b4fbb"/>`,
    `<text x="${middle}" y="${y + 17}" font-size="13" text-anchor="middle" fill="#2d1b69">${escapeXml(name)}</text>`,
    `<text x="${middle}" y="${y + 32}" font-size="10" text-anchor="middle" fill="#52606d">${escapeXml(note)}</text>`,
  ].join("");
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
