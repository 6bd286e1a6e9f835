import type { Gid, Uid } from "../../abi/types.ts";
import type { Program } from "../../kernel/options.ts";
import type { Process } from "../../kernel/process.ts";
import { NO_CAPABILITIES } from "./capabilities.ts";
import { changeCredentials } from "./credentials.ts";

/** Makes a new process act for the user that its program was given; other users than root have no capabilities, as in a container. */
export function actForUser(process: Process, { user }: Program): undefined {
  if (user === undefined) return;
  const [uid, gid] = [user.uid as Uid, user.gid as Gid];
  changeCredentials(process, {
    uid,
    euid: uid,
    suid: uid,
    fsuid: uid,
    gid,
    egid: gid,
    sgid: gid,
    fsgid: gid,
    groups: user.groups as readonly Gid[],
    ...(user.uid === 0 ? {} : { effective: NO_CAPABILITIES, permitted: NO_CAPABILITIES }),
  });
}
