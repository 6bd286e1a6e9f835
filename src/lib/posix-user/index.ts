import { auxiliaryVector, onProcessStart } from "../../kernel/hooks.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { userEntries } from "./auxiliary-vector.ts";
import { capget, capset } from "./capability-calls.ts";
import { getegid, getgid, getgroups, getresgid, setfsgid, setgid, setgroups, setregid, setresgid } from "./group-id.ts";
import { actForUser } from "./start-user.ts";
import { geteuid, getresuid, getuid, setfsuid, setresuid, setreuid, setuid } from "./user-id.ts";

export { type Capabilities, includesCapability } from "./capabilities.ts";
export {
  type Credentials,
  changeCredentials,
  credentialsOf,
  hasCapability,
  isInGroup,
  onUserChange,
} from "./credentials.ts";

export const posixUser = defineLibrary({
  name: "posix-user",
  summary: "users, groups and capabilities of a process",
  syscalls: [
    getuid,
    geteuid,
    getresuid,
    setuid,
    setreuid,
    setresuid,
    setfsuid,
    getgid,
    getegid,
    getresgid,
    setgid,
    setregid,
    setresgid,
    setfsgid,
    getgroups,
    setgroups,
    capget,
    capset,
  ],
  extends: [auxiliaryVector.with(userEntries), onProcessStart.with(actForUser)],
});
