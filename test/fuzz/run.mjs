/**
 * Differential fuzzing: random programs must end in the same state under every engine and under qemu-riscv64.
 *
 *     node test/fuzz/run.mjs [--extension M]... [--instructions 2000] [--seed 1] [--engine interp]...
 *
 * Without --extension all are tried. A difference is narrowed down to the piece of code that made it, and shown.
 */
import { setImmediate } from "node:timers/promises";
import { parseArgs } from "node:util";
import { disassemble, INSTRUCTIONS } from "../../dist/isa/index.js";
import { PLACE } from "../../dist/isa/random/layout.js";
import { randomProgram } from "../../dist/isa/random/program.js";
import { ENGINES, runOn } from "./engines.mjs";
import { askOracle, oraclePresent } from "./oracle.mjs";

/** Instructions in one program: enough that starting QEMU costs little, few enough that jumps reach. */
const PER_PROGRAM = 5000;

const POLICIES = ["null", "paged", "flat"];

const { values } = parseArgs({
  options: {
    extension: { type: "string", multiple: true },
    instructions: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    engine: { type: "string", multiple: true },
  },
});

const extensions = values.extension ?? [...new Set(INSTRUCTIONS.map((row) => row.extension)), "C"];
const engines = values.engine ?? ENGINES;
if (!oraclePresent()) {
  console.error("fuzz: qemu-riscv64 is missing (Debian: apt-get install qemu-user)");
  process.exit(2);
}

for (const extension of extensions) {
  const wanted = Number(values.instructions);
  let done = 0;
  for (let seed = Number(values.seed); done < wanted; seed++) {
    const options = { seed, extension, instructions: Math.min(PER_PROGRAM, wanted - done) };
    done += tryProgram(options);
    // V8 gives translated code back from tasks of the event loop only.
    await setImmediate();
  }
  console.log(`${extension}: ${done} instructions without a difference (${engines.join(", ")}, qemu-riscv64)`);
}

/** Compares one program; ends the process at the first difference. */
function tryProgram(options) {
  const program = randomProgram(options);
  const expected = askOracle(program);
  for (const way of waysToRun(options.seed)) {
    if (difference(program, way, expected) === undefined) continue;
    report(options, way);
    process.exit(1);
  }
  return program.instructions;
}

/** Each engine freely, and stopped every few instructions; the memory policy changes with the seed. */
function waysToRun(seed) {
  const policy = POLICIES[seed % POLICIES.length];
  return engines.flatMap((engine) => [
    { engine, title: `${engine}, ${policy}`, settings: { policy } },
    { engine, title: `${engine}, ${policy}, stopped often`, settings: { policy, fuel: stops(seed) } },
  ]);
}

/** Lengths of runs, mostly short: a fixed sequence, so that a failure can be repeated. */
function stops(seed) {
  let state = seed | 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % 8 === 0 ? state % 5000 : state % 20;
  };
}

/** What the dump differs in from the oracle's, or undefined. */
function difference(program, { engine, settings }, expected = askOracle(program)) {
  let found;
  try {
    found = runOn(engine, program, settings);
  } catch (error) {
    return `${error instanceof Error ? error.message : error}`;
  }
  if (found.equals(expected)) return undefined;
  if (found.length !== expected.length) return `wrote ${found.length} bytes instead of ${expected.length}`;
  const lines = [];
  for (let at = 0; at < expected.length && lines.length < 12; at += 8) {
    const [ours, theirs] = [found.readBigUInt64LE(at), expected.readBigUInt64LE(at)];
    if (ours !== theirs) lines.push(`${placeName(at)}: ${hex(ours)}, qemu has ${hex(theirs)}`);
  }
  return lines.join("\n");
}

function hex(value) {
  return `0x${value.toString(16).padStart(16, "0")}`;
}

function placeName(at) {
  if (at < 0x100) return `x${at / 8}`;
  if (at < 0x200) return `f${(at - 0x100) / 8}`;
  return at === 0x200 ? "fcsr" : `memory 0x${(PLACE.dump + at).toString(16)}`;
}

/** Finds the first piece after which the states differ, and prints it. */
function report(options, way) {
  const whole = randomProgram(options);
  let [good, bad] = [0, whole.pieces.length - 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (difference(randomProgram({ ...options, maxPieces: middle }), way) === undefined) good = middle;
    else bad = middle;
  }
  const program = randomProgram({ ...options, maxPieces: bad });
  console.error(`${options.extension}, seed ${options.seed}, ${way.title}: piece ${bad} differs`);
  console.error(difference(program, way));
  console.error(listing(program, program.pieces[bad - 1], program.pieces[bad]));
}

function listing({ code }, start, end) {
  const view = Buffer.concat([code, Buffer.alloc(4)]);
  const lines = [];
  for (let pc = start; pc < end; ) {
    const word = view.readUInt32LE(pc - PLACE.code);
    lines.push(`  ${pc.toString(16)}: ${disassemble(word, pc)}`);
    pc += (word & 3) === 3 ? 4 : 2;
  }
  return lines.join("\n");
}
