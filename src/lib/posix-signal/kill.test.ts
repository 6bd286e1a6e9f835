import assert from "node:assert/strict";
import { test } from "node:test";
import { SIG } from "../../abi/signal.ts";
import type { Pgid, Uid } from "../../abi/types.ts";
import { TestKernel } from "../../host/test/index.ts";
import { jobControlOf } from "../posix-process/index.ts";
import { changeCredentials } from "../posix-user/index.ts";
import { posixSignal } from "./index.ts";

// Process 1 is left alone by "everyone"; 2 calls; 3 is in its group; 4 is another user's.
const cases = [
  { name: "one process", pid: 3, sig: SIG.TERM, want: 0, ended: [3] },
  { name: "no such process", pid: 99, sig: SIG.TERM, want: "ESRCH", ended: [] },
  { name: "no such process, bad signal", pid: 99, sig: 999, want: "ESRCH", ended: [] },
  { name: "a bad signal", pid: 3, sig: 999, want: "EINVAL", ended: [] },
  { name: "signal 0 sends nothing", pid: 3, sig: 0, want: 0, ended: [] },
  { name: "signal 0 to another user's", pid: 4, sig: 0, want: "EPERM", ended: [] },
  { name: "another user's process", pid: 4, sig: SIG.TERM, want: "EPERM", ended: [] },
  { name: "a group", pid: -2, sig: SIG.TERM, want: 0, ended: [2, 3] },
  { name: "no such group", pid: -77, sig: SIG.TERM, want: "ESRCH", ended: [] },
  { name: "everyone but the first and oneself", pid: -1, sig: SIG.TERM, want: 0, ended: [3] },
] as const;

for (const { name, pid, sig, want, ended } of cases) {
  test(`kill: ${name}`, () => {
    const k = new TestKernel([posixSignal]);
    const tasks = [1, 2, 3, 4].map(() => k.process());
    const [, self, third, fourth] = tasks;
    for (const { process } of tasks)
      changeCredentials(process, { uid: 100 as Uid, euid: 100 as Uid, suid: 100 as Uid, effective: 0n });
    changeCredentials(fourth!.process, { uid: 200 as Uid, euid: 200 as Uid, suid: 200 as Uid });
    jobControlOf(third!.process).pgid = 2 as Pgid;
    const { result } = k.start(self!, "kill", pid, sig);
    for (const task of tasks) if (task !== self && !task.dead) k.start(task, "getpid");
    assert.ok(self!.dead || result === want);
    assert.deepEqual(
      tasks.filter(({ dead }) => dead).map(({ tid }) => tid as number),
      ended,
    );
  });
}
