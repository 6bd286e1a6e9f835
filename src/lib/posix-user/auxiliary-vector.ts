import { AT_VECTOR as AT } from "../../abi/auxv.ts";
import type { Process } from "../../kernel/process.ts";
import { credentialsOf } from "./credentials.ts";

/** What the program's start code reads of its user; AT_SECURE is 0, since no file has set-id bits that count. */
export function userEntries(process: Process): readonly (readonly [number, number])[] {
  const { uid, euid, gid, egid } = credentialsOf(process);
  return [
    [AT.UID, uid],
    [AT.EUID, euid],
    [AT.GID, gid],
    [AT.EGID, egid],
    [AT.SECURE, 0],
  ];
}
