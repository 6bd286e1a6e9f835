/** ioctl(2): what every file answers; the rest is the file's own. (do_vfs_ioctl in fs/ioctl.c) */
import { EBADF, EFAULT, Errno } from "../../abi/errno.ts";
import { O } from "../../abi/fcntl.ts";
import { IOCTL } from "../../abi/ioctl.ts";
import { S } from "../../abi/stat.ts";
import type { Fd, GuestPtr } from "../../abi/types.ts";
import { type Arg, arg } from "../../kernel/syscall.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { fdArg, hex } from "../posix-fdtab/arguments.ts";
import { fdTable, fileOf, type OpenFile, setAsync } from "../posix-fdtab/index.ts";
import { chain } from "./chain.ts";
import { startsOver } from "./starts-over.ts";

const requestArg: Arg<number> = {
  decode: "u32",
  format: (v) => Object.entries(IOCTL).find(([, value]) => value === v)?.[0] ?? hex(v),
};

const argumentArg: Arg<number> = { decode: arg.u64.decode, format: hex };

export const ioctl = startsOver({
  name: "ioctl",
  args: [fdArg, requestArg, argumentArg],
  support: { partial: "what files, pipes, terminals and sockets need" },
  run(task, fd, request, argument) {
    const file = fileOf(task, fd);
    if (file instanceof Errno) return file;
    switch (request) {
      case IOCTL.FIOCLEX:
        return setCloseOnExec(task, fd, true);
      case IOCTL.FIONCLEX:
        return setCloseOnExec(task, fd, false);
      case IOCTL.FIONBIO:
        return setNonBlocking(task, file, argument as GuestPtr);
      case IOCTL.FIOASYNC:
        return chain(task.mm.readU32(argument as GuestPtr), (on) => setAsync(task, fd, file, on !== 0));
      case IOCTL.FIGETBSZ:
      case IOCTL.FIOQSIZE:
      case IOCTL.FIONREAD:
        return regular(task, file, request, argument as GuestPtr);
      default:
        return file.ioctl(task, request, argument);
    }
  },
});

function setCloseOnExec(task: Task, fd: Fd, value: boolean): Answer {
  const entry = task.process.get(fdTable).get(fd);
  if (entry === undefined) return EBADF;
  entry.closeOnExec = value;
  return 0;
}

function setNonBlocking(task: Task, file: OpenFile, at: GuestPtr): Answer {
  const on = task.mm.readU32(at);
  if (on instanceof Errno) return EFAULT;
  file.flags = on === 0 ? file.flags & ~O.NONBLOCK : file.flags | O.NONBLOCK;
  return 0;
}

/** Requests that have one meaning for regular files and another, or none, for the rest. */
function regular(task: Task, file: OpenFile, request: number, at: GuestPtr): Answer {
  const { type } = file;
  const sized = type === S.IFREG || type === S.IFDIR || (type === S.IFLNK && request === IOCTL.FIOQSIZE);
  if (!sized || (request === IOCTL.FIONREAD && type !== S.IFREG)) return file.ioctl(task, request, at);
  return chain(file.attributes(), ({ size, blockSize }): Answer => {
    switch (request) {
      case IOCTL.FIOQSIZE:
        return task.mm.writeU64(at, size);
      case IOCTL.FIGETBSZ:
        return task.mm.writeU32(at, blockSize);
      default:
        return task.mm.writeU32(at, (size - file.position) >>> 0);
    }
  });
}
