/** proc_pid_mounts(5) and proc_pid_mountinfo(5): what a process sees mounted where. */
import { majorOf, minorOf } from "../../abi/stat.ts";
import type { Process } from "../../kernel/process.ts";
import { fsContext, type Mount, namespace, pathOf } from "../vfs/index.ts";

/** The mounts below a process's root, each with the path that it has there. */
function visible(process: Process): readonly { readonly mount: Mount; readonly path: string }[] {
  const { root } = process.get(fsContext);
  return process.kernel.get(namespace).mounts.flatMap((mount) => {
    const path = pathOf(mount.location, root);
    return path === undefined ? [] : [{ mount, path: escapeName(path) }];
  });
}

/** Blanks and backslashes in octal (mangle() in fs/proc_namespace.c). */
function escapeName(name: string): string {
  return name.replace(/[ \t\n\\#]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

const options = ({ fs }: Mount): string => (fs.readOnly ? "ro" : "rw");

export function mounts(process: Process): string {
  const lines = visible(process).map(
    ({ mount, path }) => `${mount.fs.source} ${path} ${mount.fs.type} ${options(mount)},relatime 0 0\n`,
  );
  return lines.join("");
}

export function mountInfo(process: Process): string {
  const lines = visible(process).map(({ mount, path }) => {
    const { id, fs, over } = mount;
    const device = `${majorOf(fs.device)}:${minorOf(fs.device)}`;
    return `${id} ${over?.mount.id ?? 0} ${device} / ${path} ${options(mount)},relatime - ${fs.type} ${fs.source} ${options(mount)}\n`;
  });
  return lines.join("");
}
