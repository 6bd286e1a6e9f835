import { makeDevice, S } from "../../abi/stat.ts";
import { defineLibrary } from "../../kernel/library.ts";
import { deviceNode, fsDev } from "../fs-dev/index.ts";
import { posixFdtab } from "../posix-fdtab/index.ts";
import { addTerminal, posixTty } from "../posix-tty/index.ts";
import { credentialsOf, posixUser } from "../posix-user/index.ts";
import { specialFile, vfs } from "../vfs/index.ts";
import { MasterFile } from "./master-file.ts";
import { PseudoTerminal } from "./pseudo-terminal.ts";

export const posixPty = defineLibrary({
  name: "posix-pty",
  summary: "pseudo-terminals: /dev/ptmx and /dev/pts",
  needs: [posixTty, posixFdtab, posixUser, vfs, fsDev],
  extends: [
    deviceNode.with({ name: "ptmx", major: 5, minor: 2, mode: 0o666 }),
    specialFile.with({
      type: S.IFCHR,
      rdev: makeDevice(5, 2),
      open({ kernel, process }, location, flags) {
        const pty = new PseudoTerminal(kernel);
        addTerminal(pty.terminal, { uid: credentialsOf(process).fsuid }, pty);
        return new MasterFile(process, location, flags, pty);
      },
    }),
  ],
});
