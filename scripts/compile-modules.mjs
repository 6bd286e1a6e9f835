// Has V8 optimise the interpreter's modules, and keeps what it made beside them: see src/host/node/kept-code.ts.
import { fileURLToPath } from "node:url";
import { buildInterpreter, interpreterName, USUAL_BUILDS } from "../dist/engine/interp/module.js";
import { createCodeCompiler, keepingCompiler } from "../dist/host/node/index.js";

const write = fileURLToPath(new URL("../dist/bundle", import.meta.url));
const compiler = keepingCompiler(createCodeCompiler(), { look: [], write });
const fma = compiler.fusedMultiplyAdd ? "relaxed" : "soft";
for (const options of USUAL_BUILDS.filter((build) => build.fma === fma))
  compiler.compile(buildInterpreter(options), "patient", interpreterName(options));
