import { onSyscall } from "../kernel/hooks.ts";
import { defineLibrary, type Library } from "../kernel/library.ts";

/** Which library provides a system call that an image may lack, by the call's name. */
export type Providers = Readonly<Record<string, string>>;

/** Makes a library that says, once for each call that the image lacks, which library would provide it. */
export function tellMissing(line: (text: string) => void, providers: Providers): Library {
  const told = new Set<number>();
  return defineLibrary({
    name: "tell-missing",
    summary: "says which library would provide a call that the image lacks",
    extends: [
      onSyscall.with({
        unknown(_task, number, name) {
          if (told.has(number)) return;
          told.add(number);
          const provider = name === undefined ? undefined : providers[name];
          const answer = provider === undefined ? "no library provides it" : `library ${provider} provides it`;
          line(`drupe: the image lacks ${name ?? `system call ${number}`}: ${answer}`);
        },
      }),
    ],
  });
}
