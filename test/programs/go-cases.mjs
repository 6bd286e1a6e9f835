// Programs made by Go: goroutines on many threads. Sources and results are the same bytes for the native program.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { npmProgram } from "./npm-program.mjs";

const path = (name) => fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url));
const { version } = JSON.parse(readFileSync(path("esbuild/package.json"), "utf8"));

/** A program of many modules, so that there is work for several threads. */
const modules = Array.from({ length: 40 }, (_, i) => [
  `src/m${i}.ts`,
  `import { f${(i + 1) % 40} as next } from "./m${(i + 1) % 40}";
export interface Node${i}<T> { readonly value: T; readonly rest?: Node${i}<T> }
export enum Kind${i} { Leaf, Branch = ${i}, Name = "n${i}" }
export class C${i}<T extends object> { #p: T; constructor(private readonly q: number, p: T) { this.#p = p; } get p() { return this.#p ?? this.q ** 2; } }
export const f${i} = async (n: number): Promise<number> => n <= 0 ? Kind${i}.Branch : (await next(n - 1)) satisfies number;
`,
]);
const files = Object.fromEntries([
  ...modules,
  [
    "src/main.tsx",
    'import { f0 } from "./m0";\nimport * as all from "./m7";\nexport const view = <p>{all.Kind7.Name}</p>;\nf0(3).then(console.log);\n',
  ],
]);

const esbuild = {
  get source() {
    return npmProgram("@esbuild/linux-riscv64", version, "bin/esbuild");
  },
  native: path("esbuild/bin/esbuild"),
  files,
};

export const goCases = [
  { name: "esbuild --version", ...esbuild, args: ["--version"] },
  {
    name: "esbuild bundles TypeScript",
    ...esbuild,
    args: ["src/main.tsx", "--bundle", "--minify", "--format=esm", "--target=es2020", "--sourcemap=inline"],
  },
  { name: "esbuild from stdin", ...esbuild, args: ["--loader=ts"], stdin: "let x: number = 1 as any; enum E { A }" },
];
