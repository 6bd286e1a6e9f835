import { createCodeCompiler } from "../../host/node/index.ts";
import { testEngine } from "../engine-suite.test.ts";
import { createWasmEngine } from "./engine.ts";

// Everything hot at once, and the tiers taking turns.
testEngine("wasm (at once)", () => createWasmEngine({ compiler: createCodeCompiler(), hotness: 1 }));
testEngine("wasm (tiered)", () => createWasmEngine({ compiler: createCodeCompiler(), hotness: 3 }));
