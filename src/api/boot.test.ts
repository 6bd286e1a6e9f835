import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { boot, DrupeError, type Machine, shellStatus } from "./index.ts";
import { program } from "./tiny-program.test.ts";

const hello = readFileSync(new URL("../../share/hello", import.meta.url));

/** Boots a machine with these programs, and stops it after `use`. */
async function withMachine<T>(
  programs: Readonly<Record<string, Uint8Array>>,
  use: (machine: Machine) => Promise<T>,
  options: Parameters<typeof boot>[0] = {},
): Promise<T> {
  const machine = await boot({ files: programs, ...options });
  try {
    return await use(machine);
  } finally {
    await machine.stop();
  }
}

/** Loops without a system call. */
const spin = program("spin:", "jal zero, spin");

/** Reads a byte and exits with it. */
const exitWithInput = program(
  "addi sp, sp, -16",
  "addi a0, zero, 0",
  "addi a1, sp, 0",
  "addi a2, zero, 1",
  "addi a7, zero, 63",
  "ecall",
  "lbu a0, 0(sp)",
  "addi a7, zero, 93",
  "ecall",
);

for (const engine of ["wasm", "interp"] as const) {
  test(`a program writes and exits, engine ${engine}`, async () => {
    await withMachine(
      { "/hello": hello },
      async (machine) => {
        const started = await machine.spawn("/hello", ["one"]);
        assert.deepEqual(await started.exited, { kind: "exited", code: 0 });
        await machine.stop();
        assert.match(
          await text(machine.stdout!),
          /^Hello from an unmodified riscv64 Linux program.*\n {2}argument 1: one\n$/s,
        );
        assert.equal(await text(machine.stderr!), "");
      },
      { engine },
    );
  });

  test(`a loop without system calls is stopped, engine ${engine}`, async () => {
    const killed = await withMachine(
      { "/spin": spin },
      async (machine) => {
        const started = await machine.spawn("/spin");
        setTimeout(() => started.kill("SIGTERM"), 50);
        return started.exited;
      },
      { engine },
    );
    assert.deepEqual(killed, { kind: "signaled", signal: 15, core: false });
    assert.equal(shellStatus(killed), 143);
  });

  test(`a limit on processor time ends a loop, engine ${engine}`, async () => {
    const status = await withMachine({ "/spin": spin }, async (machine) => (await machine.spawn("/spin")).exited, {
      engine,
      limits: { cpuSeconds: 0.2 },
    });
    assert.deepEqual(status, { kind: "signaled", signal: 9, core: false });
  });
}

test("a program waits for what is written to stdin", async () => {
  const status = await withMachine({ "/read": exitWithInput }, async (machine) => {
    const started = await machine.spawn("/read");
    setTimeout(() => machine.stdin!.write(new Uint8Array([42])), 20);
    return started.exited;
  });
  assert.deepEqual(status, { kind: "exited", code: 42 });
});

test("an AbortSignal stops the machine", async () => {
  const abort = new AbortController();
  const machine = await boot({ files: { "/spin": spin }, signal: abort.signal });
  const started = await machine.spawn("/spin");
  setTimeout(() => abort.abort(), 20);
  assert.deepEqual(await started.exited, { kind: "signaled", signal: 9, core: false });
  await assert.rejects(machine.spawn("/spin"), DrupeError);
});

test("ten machines share modules and nothing else", async () => {
  const machines = await Promise.all(
    Array.from({ length: 10 }, (_, i) => boot({ files: { "/read": exitWithInput, [`/own-${i}`]: hello } })),
  );
  const programs = await Promise.all(machines.map((machine) => machine.spawn("/read")));
  assert.deepEqual(
    programs.map(({ pid }) => pid),
    Array(10).fill(1),
  );
  for (const [i, machine] of machines.entries()) machine.stdin!.write(new Uint8Array([i]));
  const statuses = await Promise.all(programs.map(({ exited }) => exited));
  assert.deepEqual(statuses.map(shellStatus), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await assert.rejects(machines[0]!.spawn("/own-1"), /own-1/);
  await Promise.all(machines.map((machine) => machine.stop()));
});

test("a granted folder is there, a read-only one cannot be written", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "drupe-boot-"));
  t.after(() => rmSync(folder, { recursive: true }));
  await withMachine(
    { "/hello": hello },
    async (machine) => {
      const [line] = await Promise.all([once(machine.stdout!, "data"), machine.spawn("/hello", [], { cwd: "/mnt" })]);
      assert.match(String(line), /^Hello/);
      await assert.rejects(machine.spawn("/hello", [], { cwd: "/nowhere" }), /cannot start in \/nowhere/);
    },
    { volumes: [{ host: folder, guest: "/mnt", readOnly: true }] },
  );
});

for (const { what, files, path, message } of [
  { what: "no such program", files: {}, path: "/nothing", message: /No such file/ },
  { what: "no such program in PATH", files: {}, path: "nothing", message: /nothing/ },
  {
    what: "text without #!",
    files: { "/text": Buffer.from("just text\n") },
    path: "/text",
    message: /neither an ELF program nor a script/,
  },
  {
    what: "a program of this machine's kind",
    files: { "/bin/true": readFileSync(process.execPath).subarray(0, 4096) },
    path: "/bin/true",
    message: /x86-64|aarch64|AArch64/,
  },
  { what: "an ELF file cut short", files: { "/cut": hello.subarray(0, 70) }, path: "/cut", message: /./ },
] as const) {
  test(`refused with a message: ${what}`, async () => {
    await withMachine({ ...files }, async (machine) => {
      await assert.rejects(machine.spawn(path), (error) => error instanceof DrupeError && message.test(error.message));
    });
  });
}

test("a volume by its name is one machine's at a time", async () => {
  const folder = mkdtempSync(join(tmpdir(), "drupe-volumes-"));
  process.env.DRUPE_VOLUMES = folder;
  try {
    const options = { files: { "/hello": hello }, volumes: [{ name: "kept", guest: "/data" }] };
    const machine = await boot(options);
    await (await machine.spawn("/hello", [], { cwd: "/data" })).exited;
    await assert.rejects(boot(options), /another machine has the volume kept/);
    await machine.stop();
    await (await boot(options)).stop();
    assert.ok(statSync(join(folder, "kept")).size > 0);
  } finally {
    delete process.env.DRUPE_VOLUMES;
    rmSync(folder, { recursive: true });
  }
});

test("a volume that is not there is named", async () => {
  await assert.rejects(boot({ volumes: [{ host: "/nonexistent", guest: "/mnt" }] }), /\/nonexistent/);
});

test("what the engine did is counted", async () => {
  await withMachine({ "/hello": hello }, async (machine) => {
    await (await machine.spawn("/hello")).exited;
    const stats = machine.stats();
    assert.ok(stats.engine.interpreted > 100);
    assert.equal(stats.processes, 1);
    assert.ok(stats.peakMemory > 4096);
    assert.deepEqual(stats.missing, []);
  });
});
