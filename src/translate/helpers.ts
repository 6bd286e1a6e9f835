/** Small functions that every module brings along, for what its regions do rarely. */
import { CodeBuilder, type Local } from "../base/wasm/code.ts";
import { TABLE } from "./context.ts";
import type { Target, TranslateOptions } from "./target.ts";

const PAGE_SIZE = 0x1000;

/** The bodies that were built for a machine, by name: they are the same in every module. */
const built = new WeakMap<Target, Map<string, CodeBuilder>>();

/** The body of that name, built when it is first asked for. */
export function helper(target: Target, name: string, build: () => CodeBuilder): CodeBuilder {
  const known = built.get(target) ?? new Map<string, CodeBuilder>();
  built.set(target, known);
  const body = known.get(name) ?? build();
  known.set(name, body);
  return body;
}

/** (pc i64, reason i32) → (any sp, 1): the hart was left. */
export function buildLeave({ hart }: Target): CodeBuilder {
  const code = new CodeBuilder(["i64", "i32"]);
  code.i32(0).get(0).memRelocatable("i64_store", hart.pc);
  code.i32(0).get(1).memRelocatable("i32_store", hart.exit);
  return code.i64(0).i64(1);
}

/**
 * (sp, pc i32) → (sp, the pc to go on at): enters the region that the code map has for an address, or answers the address.
 * It also does that where a poll is asked for: code that goes from region to region and back may pass no other.
 */
export function buildGoOn(
  { codeMap, codeMapEntries, hart }: Target,
  poll: TranslateOptions["poll"],
  regionType: number,
): CodeBuilder {
  const [sp, pc] = [0, 1];
  const code = new CodeBuilder(["i64", "i32"]);
  const record = code.local("i32");
  code
    .get(pc)
    .i32(2)
    .op("i32_shl")
    .i32((codeMapEntries - 1) << 3)
    .op("i32_and")
    .tee(record);
  code.mem("i32_load", codeMap).get(pc).op("i32_ne");
  if (poll === "flag") code.i32(0).memRelocatable("i32_load", hart.poll);
  else code.i32(0).memRelocatable("i32_load", hart.fuel).i32(0).op("i32_le_s");
  code.op("i32_or").if("void", () => code.get(sp).get(pc).op("i64_extend_i32_u", "return"));
  code
    .get(sp)
    .get(record)
    .mem("i32_load", codeMap + 4)
    .tee(record);
  code.i32(16).op("i32_shr_u").get(record).i32(0xffff).op("i32_and");
  return code.returnCallIndirect(regionType, TABLE.regions);
}

/** What checking an access needs to know of the machine. */
interface PageTable {
  readonly hart: Pick<Target["hart"], "faultAddress">;
  readonly pageTable: number;
}

/** (address i64, bytes i32, access i32) → not 0 if refused: for addresses of 64 bits, and accesses to two pages. */
export function buildCheckAccess({ hart, pageTable }: PageTable): CodeBuilder {
  const [address, bytes, access] = [0, 1, 2];
  const code = new CodeBuilder(["i64", "i32", "i32"]);
  const last = code.local("i64");
  const refuseUnlessAllowed = (at: Local, fault: () => void) => {
    code.get(at).i64(32).op("i64_shr_u", "i64_eqz");
    code.get(at).op("i32_wrap_i64").i32(12).op("i32_shr_u").mem("i32_load8_u", pageTable).get(access);
    code
      .op("i32_and")
      .i32(0)
      .op("i32_ne", "i32_and", "i32_eqz")
      .if("void", () => {
        code.i32(0);
        fault();
        code.memRelocatable("i64_store", hart.faultAddress).i32(1).op("return");
      });
  };
  refuseUnlessAllowed(address, () => code.get(address));
  code.get(address).get(bytes).i32(1).op("i32_sub", "i64_extend_i32_u", "i64_add").set(last);
  // The processor names the first byte of the page that refused.
  refuseUnlessAllowed(last, () => code.get(last).i64(-PAGE_SIZE).op("i64_and"));
  return code.i32(0);
}
