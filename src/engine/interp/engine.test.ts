import { createCodeCompiler } from "../../host/node/code-compiler.ts";
import { testEngine } from "../engine-suite.test.ts";
import { createInterpEngine } from "./engine.ts";

testEngine("interp", () => createInterpEngine({ compiler: createCodeCompiler() }));
