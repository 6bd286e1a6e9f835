import { defineLibrary } from "../../kernel/library.ts";
import { posixUser } from "../posix-user/index.ts";
import { riscvHwprobe } from "./hwprobe.ts";
import { reboot, syslog } from "./refused.ts";
import { sysinfo } from "./sysinfo.ts";
import { setdomainname, sethostname, uname } from "./uname.ts";

export { setHostname, systemNames } from "./uname.ts";

export const posixSysinfo = defineLibrary({
  name: "posix-sysinfo",
  summary: "names and facts of the machine and its processor",
  needs: [posixUser],
  syscalls: [uname, sethostname, setdomainname, sysinfo, riscvHwprobe, syslog, reboot],
});
