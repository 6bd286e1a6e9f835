/** A guest of a few assembled lines, for tests of engines. */
import { assemble } from "../isa/assemble.ts";
import { floatRegister, integerRegister } from "../isa/registers.ts";
import {
  ACCESS,
  type Engine,
  EXIT,
  type ExitReason,
  HART,
  type Space,
  type SpaceOptions,
  TRAP,
  type TrapAnswer,
} from "../machine/index.ts";

/** Where a guest's code and data lie: a page pair each, with nothing mapped around them. */
export const CODE = 0x4_0000;
export const DATA = 0x8_0000;
/** A page that can only be read, directly behind two pages of data. */
export const READ_ONLY = DATA + 0x2000;
export const STACK_TOP = 0x20_0000;

const STACK_BYTES = 0x8_0000;
const CODE_BYTES = 0x4000;

export const OPTIONS: SpaceOptions = { policy: "paged", poll: "flag", fflags: true, count: true };

const REGISTERS: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 32 }, (_, i): [string, number][] => [
    [integerRegister(i), HART.x + 8 * i],
    [floatRegister(i), HART.f + 8 * i],
  ]).flat(),
);

/** Ends a run of {@link Guest.finish}: an ecall with this number in a7. */
export const EXIT_CALL = 93;

/** Makes EXIT_CALL. */
export const END = `
  addi a7, zero, ${EXIT_CALL}
  ecall`;

/** Loads the address DATA + offset into a register. */
export function dataAddress(register: string, offset = 0): string {
  return `
  lui ${register}, ${DATA >> 12}
  addi ${register}, ${register}, ${offset}`;
}

/** Runs a test on a guest, and releases it. */
export type WithGuest = (source: string, use: (guest: Guest) => void, options?: Partial<SpaceOptions>) => void;

export class Guest {
  readonly space: Space;
  readonly labels: ReadonlyMap<string, number>;
  /** Numbers of the calls made so far. */
  readonly calls: number[] = [];
  /** Answers calls other than EXIT_CALL. */
  onCall: (number: number, guest: Guest) => TrapAnswer = () => TRAP.GO_ON;

  constructor(engine: Engine, source: string, options: Partial<SpaceOptions> = {}) {
    this.space = engine.createSpace({ syscall: () => this.syscall() }, { ...OPTIONS, ...options });
    const { memory } = this.space;
    // The page at the top is there as well: sp starts on it.
    memory.ensure(STACK_TOP + 0x1000);
    memory.setAccess(CODE, CODE + CODE_BYTES, ACCESS.READ | ACCESS.WRITE | ACCESS.EXEC);
    memory.setAccess(DATA, READ_ONLY, ACCESS.READ | ACCESS.WRITE);
    memory.setAccess(READ_ONLY, READ_ONLY + 0x1000, ACCESS.READ);
    memory.setAccess(STACK_TOP - STACK_BYTES, STACK_TOP + 0x1000, ACCESS.READ | ACCESS.WRITE);
    memory.view.setUint32(HART.stackLow, STACK_TOP - STACK_BYTES, true);
    memory.view.setUint32(HART.stackSize, STACK_BYTES, true);
    memory.i64[HART.reserved >> 3] = -1n;
    this.labels = this.write(CODE, source);
    this.pc = CODE;
    this.set("sp", STACK_TOP);
  }

  /** Assembles text at an address, and returns its labels. */
  write(address: number, source: string): ReadonlyMap<string, number> {
    const { bytes, labels } = assemble(source, address);
    this.space.memory.u8.set(bytes, address);
    return labels;
  }

  get pc(): number {
    return Number(BigInt.asUintN(64, this.space.memory.i64[HART.pc >> 3]!));
  }

  set pc(address: number) {
    this.space.memory.i64[HART.pc >> 3] = BigInt(address);
  }

  get faultAddress(): bigint {
    return BigInt.asUintN(64, this.space.memory.i64[HART.faultAddress >> 3]!);
  }

  label(name: string): number {
    return this.labels.get(name)!;
  }

  /** A register's 64 bits, signed. */
  get(register: string): bigint {
    return this.space.memory.i64[REGISTERS.get(register)! >> 3]!;
  }

  set(register: string, value: bigint | number): void {
    this.space.memory.i64[REGISTERS.get(register)! >> 3] = BigInt(value);
  }

  word(address: number): number {
    return this.space.memory.view.getUint32(address, true);
  }

  askPoll(asked: boolean): void {
    this.space.memory.u32[HART.poll >> 2] = asked ? 1 : 0;
  }

  /** Runs until something happens. An engine may offer a poll that nobody asked for; that is no event. */
  run(fuel = 0): ExitReason {
    for (;;) {
      const reason = this.space.run(fuel);
      const unasked = reason === EXIT.POLL && this.space.options.poll === "flag" && this.word(HART.poll) === 0;
      if (!unasked) return reason;
    }
  }

  /** Runs until the guest makes EXIT_CALL; any other end is an error. */
  finish(): this {
    const reason = this.run();
    if (reason !== EXIT.SYSCALL || this.calls.at(-1) !== EXIT_CALL) {
      throw new Error(`left for reason ${reason} at ${this.pc.toString(16)}`);
    }
    return this;
  }

  private syscall(): TrapAnswer {
    const number = Number(this.get("a7"));
    this.calls.push(number);
    return number === EXIT_CALL ? TRAP.LEAVE : this.onCall(number, this);
  }
}
