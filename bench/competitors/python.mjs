// Python as npm has it: `node python.mjs FILE COUNT` runs the script with the count as its argument.
import { readFileSync } from "node:fs";
import { loadPyodide } from "pyodide";

const [, , file = "", count = "1"] = process.argv;
const python = await loadPyodide({ args: [file, count] });
python.runPython(`import sys; sys.argv = ["${file}", "${Number(count)}"]`);
python.runPython(readFileSync(file, "utf8"));
