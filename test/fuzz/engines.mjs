/** Runs a random program on an engine directly, without a kernel: only write and exit are answered. */
import { createInterpEngine } from "../../dist/engine/index.js";
import { createWasmEngine } from "../../dist/engine/wasm/engine.js";
import { createCodeCompiler } from "../../dist/host/node/index.js";
import { X } from "../../dist/isa/index.js";
import { PLACE } from "../../dist/isa/random/layout.js";
import { ACCESS, EXIT, HART, TRAP } from "../../dist/machine/index.js";

const SYS_WRITE = 64;
const SYS_EXIT = 93;
const compiler = createCodeCompiler();

const withoutFma = { ...compiler, fusedMultiplyAdd: false };

/** The engines by name, made when first asked for. */
const MAKERS = {
  interp: () => createInterpEngine({ compiler }),
  "interp without FMA": () => createInterpEngine({ compiler: withoutFma }),
  wasm: () => createWasmEngine({ compiler, hotness: 2 }),
  "wasm without FMA": () => createWasmEngine({ compiler: withoutFma, hotness: 2 }),
};
const made = new Map();

export const ENGINES = Object.keys(MAKERS);

function engineNamed(name) {
  if (!made.has(name)) made.set(name, MAKERS[name]());
  return made.get(name);
}

/**
 * Runs to the end and returns what the program wrote.
 *
 * @param fuel - how many instructions each run may take, so that it is left and entered again everywhere; none: freely.
 */
export function runOn(name, program, { fuel, policy = "null" } = {}) {
  const output = [];
  let memory;
  const register = (number) => memory.u32[(HART.x + number * 8) / 4];
  const handler = {
    syscall() {
      if (register(X.A7) === SYS_EXIT) return TRAP.LEAVE;
      if (register(X.A7) !== SYS_WRITE) throw new Error(`system call ${register(X.A7)}`);
      const [start, length] = [register(X.A0 + 1), register(X.A0 + 2)];
      output.push(Buffer.from(memory.u8.slice(start, start + length)));
      memory.u32[(HART.x + X.A0 * 8) / 4] = length;
      memory.u32[(HART.x + X.A0 * 8) / 4 + 1] = 0;
      return TRAP.GO_ON;
    },
  };
  const poll = fuel === undefined ? "flag" : "fuel";
  const space = engineNamed(name).createSpace(handler, { policy, poll, fflags: true, count: false });
  try {
    memory = space.memory;
    load(memory, program);
    for (;;) {
      const reason = space.run(fuel === undefined ? 0 : 1 + Math.floor(fuel()));
      if (reason === EXIT.SYSCALL) return Buffer.concat(output);
      if (reason !== EXIT.POLL)
        throw new Error(`left with ${nameOf(reason)} at 0x${memory.u32[HART.pc / 4].toString(16)}`);
      memory.u32[HART.poll / 4] = 0;
    }
  } finally {
    space.release();
  }
}

function nameOf(reason) {
  return Object.keys(EXIT).find((key) => EXIT[key] === reason) ?? `exit ${reason}`;
}

function load(memory, { code, constants }) {
  memory.ensure(PLACE.dataEnd);
  memory.u8.fill(0, HART.x, HART.end);
  memory.u8.set(code, PLACE.code);
  memory.u8.fill(0, PLACE.dump, PLACE.dataEnd);
  memory.u8.set(constants, PLACE.constants);
  const codeEnd = Math.ceil((PLACE.code + code.length) / 0x1000) * 0x1000;
  memory.setAccess(PLACE.code, codeEnd, ACCESS.READ | ACCESS.WRITE | ACCESS.EXEC);
  memory.setAccess(PLACE.dump, PLACE.dataEnd, ACCESS.READ | ACCESS.WRITE);
  memory.u32[HART.pc / 4] = PLACE.code;
  memory.u32[HART.stackLow / 4] = PLACE.dump;
  memory.u32[HART.stackSize / 4] = 0x7fff_ffff;
}
