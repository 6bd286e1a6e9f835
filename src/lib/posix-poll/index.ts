import { defineLibrary } from "../../kernel/library.ts";
import { posixFdtab } from "../posix-fdtab/index.ts";
import { posixSignal } from "../posix-signal/index.ts";
import { posixTime } from "../posix-time/index.ts";
import { epollCreate1, epollCtl, epollPwait, epollPwait2 } from "./epoll-calls.ts";
import { ppoll } from "./ppoll.ts";
import { pselect6 } from "./pselect.ts";

export const posixPoll = defineLibrary({
  name: "posix-poll",
  summary: "waiting for one of many files: poll(2), select(2) and epoll(7)",
  needs: [posixFdtab, posixSignal, posixTime],
  syscalls: [ppoll, pselect6, epollCreate1, epollCtl, epollPwait, epollPwait2],
});
