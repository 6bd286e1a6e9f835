import { defineLibrary } from "../../kernel/library.ts";
import { posixFdtab } from "../posix-fdtab/index.ts";
import { eventfd2 } from "./eventfd.ts";

export const posixEventfd = defineLibrary({
  name: "posix-eventfd",
  summary: "eventfd(2)",
  needs: [posixFdtab],
  syscalls: [eventfd2],
});
