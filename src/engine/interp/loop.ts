/**
 * The interpreter's function: a loop around a br_table over the handlers of pre-decoded instructions.
 *
 * A handler is the instruction's lowering, the same that the translator uses, and the way on to the next record. Handlers
 * whose control goes elsewhere end in one of the shared tails behind them, which nest so that each falls into the next:
 * `taken` (pc + imm), `transfer` (to any address, with poll and look for translated code), `find` (the target's record).
 */
import { CodeBuilder, type Label, type Local } from "../../base/wasm/code.ts";
import type { FmaMode } from "../../isa/emitter.ts";
import type { Instruction } from "../../isa/instruction.ts";
import { EXIT, type ExitReason, HART, LAYOUT, PAGE_SIZE } from "../../machine/index.ts";
import { CODE_MAP, emitCodeMapOffset, emitHeatOffset, HEAT } from "../code-map.ts";
import { type FaultLabels, InterpreterEmitter } from "./emitter.ts";
import { type Functions, withFaults } from "./functions.ts";
import { LEAVE } from "./leave.ts";
import {
  FRAME_UNIT_SHIFT,
  HANDLER,
  HANDLERS,
  type InstructionHandler,
  RECORD,
  SCALE,
  SCALE_SHIFT,
  START_RECORD,
} from "./record.ts";

/** What distinguishes one build of the interpreter from another. */
export interface LoopOptions {
  readonly fma: FmaMode;
  /** Whether to look for translated code and to count jumps. */
  readonly tiering: boolean;
  /** Whether to stop after an exact number of instructions, and not at the poll word. */
  readonly exact: boolean;
}

/** Builds the function `run`. */
export class LoopBuilder {
  private readonly code = new CodeBuilder(["i32", "i32"]);
  private readonly options: LoopOptions;
  private readonly functions: Functions;
  private readonly fuel: Local = 0;
  private readonly heat: Local = 1;
  private readonly record = this.code.local("i32");
  private readonly bias = this.code.local("i32");
  /** Distance to the record of a branch's target, later scratch. */
  private readonly near = this.code.local("i32");
  private readonly reason = this.code.local("i32");
  private readonly address = this.code.local("i64");
  /** Where a jump goes. */
  private readonly target = this.code.local("i64");
  private emitter!: InterpreterEmitter;
  /** pc and reason are in place. */
  private left!: Label;
  /** The reason is in place; the current instruction does not count. */
  private faulted!: Label;
  private illegal!: Label;
  private fetchFault!: Label;
  private next!: Label;
  private taken!: Label;
  private transfer!: Label;
  private find!: Label;

  constructor(options: LoopOptions, functions: Functions) {
    this.options = options;
    this.functions = functions;
  }

  build(): CodeBuilder {
    const { code } = this;
    code.i32(START_RECORD).set(this.record);
    code.block("void", (left) => {
      this.left = left;
      code.block("void", (fetchFault) => {
        this.fetchFault = fetchFault;
        code.block("void", (faulted) => {
          this.faulted = faulted;
          const leave = (reason: ExitReason) => code.i32(reason).set(this.reason).br(faulted);
          withFaults(code, leave, (faults) => this.emitLoop(faults));
        });
        this.uncount();
        this.storePc();
        code.br(left);
      });
      this.storeTarget(HART.faultAddress);
      this.leaveAtTarget(EXIT.FETCH_FAULT);
    });
    return code.i32(0).get(this.fuel).mem("i32_store", HART.fuel).get(this.reason);
  }

  private emitLoop(faults: FaultLabels): void {
    const { code, record, bias, address } = this;
    const { checkAccess, soft } = this.functions;
    this.illegal = faults.illegal;
    const frame = { record, bias, address, checkAccess, soft };
    this.emitter = new InterpreterEmitter(code, this.options.fma, frame, faults);
    code.loop("void", (next) => {
      this.next = next;
      code.block("void", (find) => {
        this.find = find;
        code.block("void", (transfer) => {
          this.transfer = transfer;
          code.block("void", (taken) => {
            this.taken = taken;
            this.emitHandlers();
          });
          this.emitTaken();
        });
        this.emitTransfer();
      });
      this.emitFind();
      code.br(next);
    });
  }

  /** The dispatch and the handlers behind it; each ends in a branch. */
  private emitHandlers(): void {
    const { code } = this;
    const handlers: (() => void)[] = [];
    handlers[HANDLER.DECODE] = () => this.decodeHere();
    handlers[HANDLER.START] = () => this.start();
    handlers[HANDLER.NEXT_PAGE] = () => this.nextPage();
    handlers[HANDLER.ILLEGAL] = () => code.br(this.illegal);
    for (const handler of HANDLERS) handlers.push(() => this.instruction(handler));
    const labels: Label[] = [];
    const nest = (count: number): void => {
      if (count === 0) {
        this.dispatch(labels);
        return;
      }
      code.block("void", (label) => {
        labels[count - 1] = label;
        nest(count - 1);
      });
      handlers[count - 1]!();
    };
    nest(handlers.length);
  }

  private dispatch(labels: readonly Label[]): void {
    const { code } = this;
    if (this.options.exact) {
      code
        .get(this.fuel)
        .op("i32_eqz")
        .if("void", () => {
          this.storePc();
          this.leave(EXIT.POLL);
        });
    }
    code.get(this.fuel).i32(1).op("i32_sub").set(this.fuel);
    code.get(this.record).mem("i32_load16_u", RECORD.handler).brTable(labels, labels[HANDLER.ILLEGAL]!);
  }

  private instruction({ row, length }: InstructionHandler): void {
    const { code } = this;
    switch (row.kind) {
      case "branch":
        row.lower(this.emitter);
        code.if("void", () => this.branch());
        this.goOn(length);
        return;
      case "jal":
        this.link(length);
        code.get(this.record).mem("i32_load", RECORD.near).set(this.near).br(this.taken);
        return;
      case "jalr":
        row.lower(this.emitter);
        code.set(this.target);
        code.get(this.record).get(this.target).mem("i64_store32", RECORD.seen);
        this.link(length);
        code.br(this.transfer);
        return;
      case "ecall":
        this.storePc(length);
        code.call(this.functions.syscall).tee(this.reason).brIf(this.left);
        this.goOn(length);
        return;
      case "ebreak":
        code.i32(EXIT.BREAKPOINT).set(this.reason).br(this.faulted);
        return;
      case "fence.i":
        this.storePc(length);
        this.leave(LEAVE.FENCE);
        return;
      default:
        this.compute(row);
        this.goOn(length);
    }
  }

  private compute(row: Instruction): void {
    const { code } = this;
    const outOfLine = this.functions.outOfLine.get(row);
    if (outOfLine === undefined) row.lower(this.emitter);
    else code.get(this.record).get(this.bias).call(outOfLine).tee(this.reason).brIf(this.faulted);
  }

  /** Advances to the record behind this one. */
  private goOn(length: number): void {
    this.code
      .get(this.record)
      .i32(length * SCALE)
      .op("i32_add")
      .set(this.record)
      .br(this.next);
  }

  /** A conditional branch is taken: forward within the page it is an addition, else as any jump. */
  private branch(): void {
    const { code } = this;
    code.get(this.record).mem("i32_load", RECORD.near).tee(this.near).i32(0).op("i32_le_s").brIf(this.taken);
    code.get(this.record).get(this.near).op("i32_add").set(this.record).br(this.next);
  }

  private link(length: number): void {
    this.emitter.setX(() => this.pcBehind(length));
  }

  /** Goes to pc + imm. Without tiering there is nothing to look up within a page. */
  private emitTaken(): void {
    const { code } = this;
    if (!this.options.tiering) {
      code.get(this.near).if("void", () => {
        code.get(this.record).get(this.near).op("i32_add").set(this.record);
        this.poll(() => this.storePc());
        code.br(this.next);
      });
    }
    this.emitter.pc();
    this.emitter.imm();
    code.op("i64_add").set(this.target);
  }

  /** Goes to `target`, unless something else is to be done first. */
  private emitTransfer(): void {
    this.poll(() => this.storeTarget(HART.pc));
    if (this.options.tiering) this.emitTiering();
  }

  /** Leaves if `target` has translated code, or has become hot. */
  private emitTiering(): void {
    const { code } = this;
    const pc = this.near;
    this.refuseHigh();
    code.get(this.target).op("i32_wrap_i64").tee(pc);
    emitCodeMapOffset(code);
    code
      .mem("i32_load", CODE_MAP.base)
      .get(pc)
      .op("i32_eq")
      .if("void", () => {
        // A jump to address 0 equals every empty record.
        code.get(pc).op("i32_eqz").brIf(this.fetchFault);
        this.leaveAtTarget(LEAVE.TRANSLATED);
      });
    code.withLocal("i32", (counter) => {
      code.get(pc);
      emitHeatOffset(code);
      code.tee(counter).get(counter).mem("i32_load16_u", HEAT.base).i32(1).op("i32_add").tee(pc);
      code.mem("i32_store16", HEAT.base);
      code
        .get(pc)
        .get(this.heat)
        .op("i32_ge_u")
        .if("void", () => {
          code.get(counter).i32(0).mem("i32_store16", HEAT.base);
          this.leaveAtTarget(LEAVE.HOT);
        });
    });
  }

  /** Finds the record of `target`, which may be anywhere in 64 bits. */
  private emitFind(): void {
    const { code } = this;
    const scratch = this.near;
    this.refuseHigh();
    code.get(this.target).op("i32_wrap_i64").i32(12).op("i32_shr_u").i32(1).op("i32_shl");
    code
      .mem("i32_load16_u", LAYOUT.decodeDirectory)
      .tee(scratch)
      .op("i32_eqz")
      .if("void", () => {
        code.get(this.target).op("i32_wrap_i64").call(this.functions.frame).tee(scratch);
        code.op("i32_eqz").brIf(this.fetchFault);
      });
    code.get(scratch).i32(FRAME_UNIT_SHIFT).op("i32_shl").i32(LAYOUT.arenaLow).op("i32_add");
    code
      .get(this.target)
      .op("i32_wrap_i64")
      .tee(scratch)
      .i32(PAGE_SIZE - 1)
      .op("i32_and");
    code.i32(SCALE_SHIFT).op("i32_shl", "i32_add").set(this.record);
    code.get(scratch).get(this.record).i32(SCALE_SHIFT).op("i32_shr_u", "i32_sub").set(this.bias);
  }

  private refuseHigh(): void {
    this.code.get(this.target).i64(32).op("i64_shr_u", "i64_eqz", "i32_eqz").brIf(this.fetchFault);
  }

  /** Leaves if a poll is asked for, or the slice is over; `store` stores the pc. Exact runs count instead. */
  private poll(store: () => void): void {
    if (this.options.exact) return;
    const { code } = this;
    code
      .i32(0)
      .mem("i32_load", HART.poll)
      .get(this.fuel)
      .i32(0)
      .op("i32_le_s", "i32_or")
      .if("void", () => {
        store();
        code.i32(EXIT.POLL).i32(LEAVE.SLICE).i32(0).mem("i32_load", HART.poll).op("select").set(this.reason);
        code.br(this.left);
      });
  }

  private decodeHere(): void {
    const { code } = this;
    this.uncount();
    this.storePc();
    code.get(this.record);
    this.emitter.pcWord();
    code.call(this.functions.decode).tee(this.reason).brIf(this.left);
    code.br(this.next);
  }

  private start(): void {
    this.uncount();
    this.code.i32(0).mem("i64_load", HART.pc).i64(-2).op("i64_and").set(this.target).br(this.find);
  }

  private nextPage(): void {
    this.uncount();
    this.emitter.pc();
    this.code.set(this.target).br(this.find);
  }

  /** Takes back that the dispatch counted an instruction. */
  private uncount(): void {
    this.code.get(this.fuel).i32(1).op("i32_add").set(this.fuel);
  }

  /** Pushes the address `length` bytes behind this instruction: i64. */
  private pcBehind(length: number): void {
    this.emitter.pcWord();
    this.code.i32(length).op("i32_add", "i64_extend_i32_u");
  }

  private storePc(length = 0): void {
    this.code.i32(0);
    this.pcBehind(length);
    this.code.mem("i64_store", HART.pc);
  }

  private leaveAtTarget(reason: number): void {
    this.storeTarget(HART.pc);
    this.leave(reason);
  }

  private storeTarget(address: number): void {
    this.code.i32(0).get(this.target).mem("i64_store", address);
  }

  private leave(reason: number): void {
    this.code.i32(reason).set(this.reason).br(this.left);
  }
}
