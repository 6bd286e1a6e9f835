import { Command } from "commander";

/** `drupe syscalls`: the support ledger, made from the declarations. */
export function syscallsCommand(): Command {
  return new Command("syscalls").summary("list the system calls and how far each is supported");
}
