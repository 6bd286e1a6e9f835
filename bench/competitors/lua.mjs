// Lua as npm has it: `node lua.mjs FILE COUNT` runs the script with the count as its argument.
import { readFileSync } from "node:fs";
import { LuaFactory } from "wasmoon";

const [, , file = "", count = "1"] = process.argv;
const lua = await new LuaFactory().createEngine();
await lua.doString(`arg = { "${Number(count)}" }`);
await lua.doString(readFileSync(file, "utf8"));
lua.global.close();
