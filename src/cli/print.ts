import { styleText } from "node:util";

/** Says what failed and what to do about it, on stderr. */
export function fail(message: string, cure?: string): void {
  process.stderr.write(`${paint("red", "drupe:")} ${message}\n`);
  if (cure !== undefined) process.stderr.write(`${cure.replace(/^/gm, "  ")}\n`);
}

function paint(colour: "red", text: string): string {
  const wanted = process.stderr.isTTY && process.env.NO_COLOR === undefined;
  return wanted ? styleText(colour, text) : text;
}
