import { defineLibrary } from "../../kernel/library.ts";
import { getrandom } from "./getrandom.ts";

export const random = defineLibrary({
  name: "random",
  summary: "random bytes from the host",
  syscalls: [getrandom],
});
