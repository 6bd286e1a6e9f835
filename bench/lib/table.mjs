/**
 * Prints rows under a heading, numbers to the right. A cell is text, a number (two decimals), or undefined: not measured.
 * @param {string[]} heading
 * @param {(string | number | undefined)[][]} rows
 */
export function printTable(heading, rows) {
  const text = [heading, ...rows].map((row) =>
    row.map((cell) => (cell === undefined ? "–" : typeof cell === "number" ? cell.toFixed(2) : cell)),
  );
  const widths = heading.map((_, column) => Math.max(...text.map((row) => row[column]?.length ?? 0)));
  for (const row of text)
    console.log(
      row.map((cell, column) => (column ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[0] ?? 0))).join("  "),
    );
}
