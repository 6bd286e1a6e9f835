import assert from "node:assert/strict";
import { test } from "node:test";
import { E2BIG, EACCES, ELOOP, ENOENT, ENOEXEC, type Errno } from "../../abi/errno.ts";
import type { ByteString } from "../../base/bytes.ts";
import { bytesOf } from "../../base/bytes.ts";
import { TestKernel } from "../../host/test/index.ts";
import { executableOpener } from "../hooks.ts";
import { defineLibrary } from "../library.ts";
import { LoadError } from "./load-error.ts";
import { parseScript } from "./script.ts";
import { buildStack, checkArguments } from "./stack-image.ts";

const text = (s: string): ByteString => s as ByteString;

/** A kernel whose files are these texts. */
function boot(files: Readonly<Record<string, string | Errno>>): TestKernel {
  const opener = defineLibrary({
    name: "opener",
    summary: "files for a test",
    extends: [
      executableOpener.with((_process, path) => {
        const content = files[path];
        if (typeof content !== "string") return content ?? ENOENT;
        const bytes = bytesOf(text(content));
        const read = (offset: number, into: Uint8Array): number => {
          const part = bytes.subarray(offset, offset + into.length);
          into.set(part);
          return part.length;
        };
        return {
          path,
          size: bytes.length,
          read,
          mappable: { name: path, size: bytes.length, inode: 1, device: 1, read },
        };
      }),
    ],
  });
  return new TestKernel([opener]);
}

async function refusal(
  files: Readonly<Record<string, string | Errno>>,
  argv: readonly string[] = ["p"],
): Promise<LoadError> {
  const k = boot(files);
  const answer = await k.kernel.start({ path: text("/p"), argv: argv.map(text), env: [] });
  assert.ok(answer instanceof LoadError);
  assert.equal(k.kernel.processes.size, 0);
  assert.equal(k.engine.spaces.size, 0);
  return answer;
}

const refusals: readonly {
  what: string;
  files: Readonly<Record<string, string | Errno>>;
  errno: Errno;
  message: RegExp;
}[] = [
  { what: "a missing file", files: {}, errno: ENOENT, message: /\/p: No such file/ },
  { what: "a file that is not executable", files: { "/p": EACCES }, errno: EACCES, message: /chmod/ },
  { what: "an empty file", files: { "/p": "" }, errno: ENOEXEC, message: /neither an ELF program nor a script/ },
  { what: "a Windows program", files: { "/p": "MZ\x90\0" }, errno: ENOEXEC, message: /Windows/ },
  { what: "a truncated ELF file", files: { "/p": "\x7fELF" }, errno: ENOEXEC, message: /too short/ },
  {
    what: "a script whose interpreter is missing",
    files: { "/p": "#!/bin/x -e\n" },
    errno: ENOENT,
    message: /\/p needs the interpreter \/bin\/x/,
  },
  { what: "a script that interprets itself", files: { "/p": "#!/p\n" }, errno: ELOOP, message: /without an end/ },
  { what: "a script without an interpreter", files: { "/p": "#! \n" }, errno: ENOEXEC, message: /no interpreter/ },
];
for (const { what, files, errno, message } of refusals) {
  test(`start refuses ${what}`, async () => {
    const answer = await refusal(files);
    assert.equal(answer.errno, errno);
    assert.match(String(answer), message);
  });
}

test("start refuses arguments that are too long", async () => {
  assert.equal((await refusal({ "/p": "\x7fELF" }, ["x".repeat(131_072)])).errno, E2BIG);
});

test("arguments may take a quarter of the stack, at least 128 KiB and at most 6 MiB", () => {
  const filling = (bytes: number): readonly ByteString[] =>
    Array.from({ length: Math.floor(bytes / 1024) }, () => text("x".repeat(1024 - 9)));
  assert.equal(checkArguments(filling(131_072), [], 1024), 0);
  assert.equal(checkArguments(filling(132_096), [], 1024), E2BIG);
  assert.equal(checkArguments(filling(2 << 20), [], 8 << 20), 0);
  assert.equal(checkArguments(filling((2 << 20) + 1024), [], 8 << 20), E2BIG);
  assert.equal(checkArguments(filling((6 << 20) + 1024), [], Number.POSITIVE_INFINITY), E2BIG);
});

// Answers of Linux's load_script.
const lines = [
  { head: "#!/bin/sh\n", want: { interpreter: "/bin/sh", argument: undefined } },
  { head: "#! \t/bin/sh  -e -x \nrest", want: { interpreter: "/bin/sh", argument: "-e -x" } },
  { head: "#!/bin/sh", want: { interpreter: "/bin/sh", argument: undefined } },
  { head: "#!   \n", want: undefined },
  { head: `#!/${"x".repeat(300)}`, want: undefined },
  { head: `#!/bin/sh ${"y".repeat(300)}`, want: { interpreter: "/bin/sh", argument: "y".repeat(246) } },
] as const;
for (const { head, want } of lines) {
  test(`the first line ${JSON.stringify(head.slice(0, 20))}`, () => {
    assert.deepEqual(parseScript(bytesOf(text(head.slice(0, 256)))), want);
  });
}

test("the stack holds argc, pointers to the strings, and the auxiliary vector", () => {
  const top = 0x2080_1000;
  const stack = buildStack(top, {
    argv: [text("prog"), text("-x")],
    env: [text("A=1")],
    path: text("/bin/prog"),
    random: new Uint8Array(16).fill(7),
    auxv: [[6, 4096]],
  });
  const view = new DataView(stack.bytes.buffer);
  const word = (i: number): number => Number(view.getBigUint64(8 * i, true));
  const string = (at: number): string => {
    let out = "";
    for (let i = at - stack.sp; stack.bytes[i] !== 0; i++) out += String.fromCharCode(stack.bytes[i]!);
    return out;
  };
  assert.equal(stack.sp % 16, 0);
  assert.equal(stack.sp + stack.bytes.length, top);
  assert.deepEqual(
    [word(0), string(word(1)), string(word(2)), word(3), string(word(4)), word(5)],
    [2, "prog", "-x", 0, "A=1", 0],
  );
  assert.deepEqual(
    [word(6), word(7), word(8), word(10), string(word(11)), word(12)],
    [6, 4096, 25, 31, "/bin/prog", 0],
  );
  assert.equal(stack.bytes[word(9) - stack.sp], 7);
});
