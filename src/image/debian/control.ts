/** The syntax of Debian's control files: paragraphs of `Field: value` lines (deb822(5)). */

/** One paragraph. Field names are case-insensitive in the format and stand here in lower case. */
export type Paragraph = ReadonlyMap<string, string>;

/** Parses all paragraphs; a continuation line joins its value after a newline. */
export function parseParagraphs(text: string): readonly Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let fields = new Map<string, string>();
  let name = "";
  const close = () => {
    if (fields.size > 0) paragraphs.push(fields);
    fields = new Map();
    name = "";
  };
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    if (line.trim() === "") close();
    else if (line.startsWith(" ") || line.startsWith("\t")) {
      if (name !== "") fields.set(name, `${fields.get(name)}\n${line.trim()}`);
    } else {
      const colon = line.indexOf(":");
      if (colon <= 0) continue;
      name = line.slice(0, colon).toLowerCase();
      fields.set(name, line.slice(colon + 1).trim());
    }
  }
  close();
  return paragraphs;
}
