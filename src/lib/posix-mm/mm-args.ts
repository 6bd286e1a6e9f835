/** How system calls on memory take and print their arguments. */
import { MAP, PROT } from "../../abi/mman.ts";
import { type Arg, arg, formatFlags } from "../../kernel/syscall.ts";

/** An address: a number, since nothing is read there. */
export const addressArg: Arg<number> = { decode: arg.u64.decode, format: arg.ptr().format };

export const lengthArg: Arg<number> = arg.u64;

/** unsigned long of PROT_* bits; those beyond 32 make it unknown. */
export const protArg: Arg<number> = {
  decode: "bits",
  format(v) {
    const { NONE: _, ...bits } = PROT;
    return v === 0 ? "PROT_NONE" : formatFlags(v, bits, "PROT_");
  },
};

export const mapFlagsArg: Arg<number> = {
  decode: "i32",
  format(v) {
    const { TYPE, SHARED, PRIVATE, SHARED_VALIDATE, DROPPABLE, ...bits } = MAP;
    const type = Object.entries({ SHARED, PRIVATE, SHARED_VALIDATE, DROPPABLE }).find(
      ([, value]) => value === (v & TYPE),
    );
    const named = type === undefined ? `0x${(v & TYPE).toString(16)}` : `MAP_${type[0]}`;
    const rest = v & ~TYPE;
    return rest === 0 ? named : `${named}|${formatFlags(rest, bits, "MAP_")}`;
  },
};
