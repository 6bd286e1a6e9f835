/** Sizes and offsets as riscv64-linux-gnu-gcc 12 gives them with sizeof and offsetof for the headers of Linux 6.1. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SIG } from "../signal.ts";
import { SignalSet } from "../signal-set.ts";
import { capData, capHeader } from "./capability.ts";
import { futexWaitv } from "./futex-waitv.ts";
import { hwprobePair } from "./hwprobe.ts";
import { ipcPerm, msginfo, msqidDs, sembuf, semidDs, seminfo, shmInfo, shmidDs, shminfo } from "./ipc.ts";
import { mqAttr } from "./mqueue.ts";
import { rlimit, rusage } from "./resource.ts";
import { robustListHead } from "./robust-list.ts";
import { schedAttr, schedParam } from "./sched.ts";
import { rtSigframe, sigaction, sigcontext, stackT, ucontext } from "./sigframe.ts";
import { sigevent, siginfo, siginfoOffsets, signalfdSiginfo } from "./siginfo.ts";
import { sysinfo, utsname } from "./sysinfo.ts";
import { itimerspec, itimerval, timespec, timeval, timex, timezone, tms } from "./time.ts";

test("sizes", () => {
  const sizes = {
    timespec: [timespec, 16],
    timeval: [timeval, 16],
    itimerval: [itimerval, 32],
    itimerspec: [itimerspec, 32],
    timezone: [timezone, 8],
    tms: [tms, 32],
    timex: [timex, 208],
    rlimit: [rlimit, 16],
    rusage: [rusage, 144],
    sysinfo: [sysinfo, 112],
    utsname: [utsname, 390],
    siginfo: [siginfo, 128],
    sigevent: [sigevent, 64],
    signalfdSiginfo: [signalfdSiginfo, 128],
    stackT: [stackT, 24],
    sigaction: [sigaction, 24],
    sigcontext: [sigcontext, 784],
    ucontext: [ucontext, 960],
    rtSigframe: [rtSigframe, 1088],
    robustListHead: [robustListHead, 24],
    futexWaitv: [futexWaitv, 24],
    schedParam: [schedParam, 4],
    schedAttr: [schedAttr, 56],
    capHeader: [capHeader, 8],
    capData: [capData, 12],
    hwprobePair: [hwprobePair, 16],
    ipcPerm: [ipcPerm, 48],
    shmidDs: [shmidDs, 112],
    shminfo: [shminfo, 72],
    shmInfo: [shmInfo, 48],
    semidDs: [semidDs, 88],
    sembuf: [sembuf, 6],
    seminfo: [seminfo, 40],
    msqidDs: [msqidDs, 120],
    msginfo: [msginfo, 32],
    mqAttr: [mqAttr, 64],
  } as const;
  for (const [name, [layout, size]] of Object.entries(sizes)) assert.equal(layout.size, size, name);
});

test("offsets of the signal frame", () => {
  assert.equal(rtSigframe.offsets.uc, 128);
  const { link, stack, sigmask, mcontext } = ucontext.offsets;
  assert.deepEqual({ link, stack, sigmask, mcontext }, { link: 8, stack: 16, sigmask: 40, mcontext: 176 });
  // The union of floating-point state is at 256; the D extension's fcsr 256 behind that; the first header ends it.
  const { x, f, fcsr, reserved, header } = sigcontext.offsets;
  assert.deepEqual({ x, f, fcsr, reserved, header }, { x: 8, f: 256, fcsr: 512, reserved: 772, header: 776 });
});

test("offsets of siginfo", () => {
  const { kill, child, queue, timer, fault, poll, sys } = siginfoOffsets;
  assert.deepEqual([kill.signo, kill.errno, kill.code, kill.pid, kill.uid], [0, 4, 8, 16, 20]);
  assert.deepEqual([child.status, child.utime, child.stime], [24, 32, 40]);
  assert.deepEqual([queue.value, timer.timer, timer.overrun, timer.value], [24, 16, 20, 24]);
  assert.deepEqual([fault.address, fault.addressLsb, poll.band, poll.fd], [16, 24, 16, 24]);
  assert.deepEqual([sys.callAddress, sys.syscall, sys.arch], [16, 24, 28]);
});

test("offsets of other structs", () => {
  const { status, tolerance, time, shift, stbcnt, tai } = timex.offsets;
  assert.deepEqual([status, tolerance, time, shift, stbcnt, tai], [40, 64, 72, 112, 152, 160]);
  assert.deepEqual([rusage.offsets.maxrss, rusage.offsets.minflt, rusage.offsets.nivcsw], [32, 64, 136]);
  assert.deepEqual([sysinfo.offsets.procs, sysinfo.offsets.totalhigh, sysinfo.offsets.memUnit], [80, 88, 104]);
  const { ptr, addr, syscall, arch } = signalfdSiginfo.offsets;
  assert.deepEqual([ptr, addr, syscall, arch], [48, 72, 84, 96]);
  assert.deepEqual([futexWaitv.offsets.address, futexWaitv.offsets.flags, futexWaitv.offsets.reserved], [8, 16, 20]);
  assert.deepEqual([sigevent.offsets.signo, sigevent.offsets.notify, sigevent.offsets.tid], [8, 12, 16]);
});

test("offsets of System V IPC and message queues", () => {
  assert.deepEqual(
    [ipcPerm.offsets.uid, ipcPerm.offsets.cgid, ipcPerm.offsets.mode, ipcPerm.offsets.sequence],
    [4, 16, 20, 24],
  );
  const { size, atime, cpid, lpid, nattch } = shmidDs.offsets;
  assert.deepEqual([size, atime, cpid, lpid, nattch], [48, 56, 80, 84, 88]);
  assert.deepEqual([shminfo.offsets.all, shmInfo.offsets.total, shmInfo.offsets.swapSuccesses], [32, 8, 40]);
  assert.deepEqual([semidDs.offsets.otime, semidDs.offsets.ctime, semidDs.offsets.nsems], [48, 56, 64]);
  const { stime, cbytes, qbytes, lspid, lrpid } = msqidDs.offsets;
  assert.deepEqual([stime, cbytes, qbytes, lspid, lrpid], [48, 72, 88, 96, 100]);
  assert.deepEqual([msginfo.offsets.seg, mqAttr.offsets.messages], [28, 24]);
});

test("siginfo survives memory, whatever its kind", () => {
  const view = new DataView(new ArrayBuffer(128));
  const infos = [
    { kind: "kill", signo: SIG.TERM, errno: 0, code: 0, pid: 7, uid: 1000 },
    { kind: "queue", signo: SIG.USR1, errno: 3, code: -1, pid: 7, uid: 0, value: 0xdead_beef_0000_0001n },
    { kind: "timer", signo: SIG.ALRM, errno: 0, code: -2, timer: 4, overrun: 9, value: 5n },
    { kind: "child", signo: SIG.CHLD, errno: 0, code: 1, pid: 9, uid: 0, status: 3, utime: 1, stime: 2 },
    { kind: "fault", signo: SIG.SEGV, errno: 0, code: 1, address: 0xffff_ffff_ffff_fff8n, addressLsb: 0 },
    { kind: "poll", signo: SIG.IO, errno: 0, code: 1, band: 65, fd: 4 },
    { kind: "sys", signo: SIG.SYS, errno: 0, code: 1, callAddress: 0x1_0000n, syscall: 77, arch: 0xc000_00f3 },
  ] as const;
  for (const info of infos) {
    siginfo.write(view, 0, info);
    assert.deepEqual(siginfo.read(view, 0), info);
  }
});

test("rlimit knows infinity", () => {
  const view = new DataView(new ArrayBuffer(16));
  rlimit.write(view, 0, { current: 8192, maximum: Number.POSITIVE_INFINITY });
  assert.equal(view.getBigUint64(8, true), 0xffff_ffff_ffff_ffffn);
  assert.deepEqual(rlimit.read(view, 0), { current: 8192, maximum: Number.POSITIVE_INFINITY });
});

test("the frame is written byte for byte", () => {
  const view = new DataView(new ArrayBuffer(rtSigframe.size));
  rtSigframe.write(view, 0, {
    info: { kind: "kill", signo: SIG.INT, code: 0, pid: 2, uid: 3 },
    uc: {
      flags: 0n,
      link: 0n,
      stack: { sp: 0x7000n, flags: 1, size: 0x2000n },
      sigmask: SignalSet.of(SIG.HUP),
      unused: [],
      pad: [],
      mcontext: {
        pc: 0x1234n,
        x: Array.from({ length: 31 }, (_, i) => BigInt(i + 1)),
        f: Array.from({ length: 32 }, (_, i) => BigInt(i + 100)),
        fcsr: 0xff,
        unused: [],
        reserved: 0,
        header: { magic: 0, size: 0 },
      },
    },
  });
  assert.equal(view.getInt32(16, true), 2);
  assert.equal(view.getBigUint64(128 + 16, true), 0x7000n);
  assert.equal(view.getBigUint64(128 + 40, true), 1n);
  assert.equal(view.getBigUint64(128 + 176, true), 0x1234n);
  assert.equal(view.getBigUint64(128 + 176 + 8 * 31, true), 31n);
  assert.equal(view.getBigUint64(128 + 432 + 8 * 31, true), 131n);
  assert.equal(view.getUint32(128 + 432 + 256, true), 0xff);
});
