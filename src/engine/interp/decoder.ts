/**
 * Generates the decoder: from an instruction word to a record of record.ts, as a function of the interpreter's own module.
 *
 * What a program runs once is decoded for that one time, so that decoding weighs as much as interpreting; a host's
 * compiler has a wasm function ready at the first call, where a script would still be cold.
 */
import { CodeBuilder, type Label } from "../../base/wasm/code.ts";
import { CSR, csrIsReadOnly } from "../../isa/csr.ts";
import { type FieldName, type Fields, OPERANDS, type Operand, type Pattern, ROUNDING } from "../../isa/fields.ts";
import type { Instruction } from "../../isa/instruction.ts";
import { COMPRESSED, INSTRUCTIONS, instructionNamed } from "../../isa/table.ts";
import { ACCESS, EXIT, HART, LAYOUT, PAGE_SIZE } from "../../machine/index.ts";
import { HANDLER, handlerNumber, RECORD, SCALE } from "./record.ts";

/** One encoding of an instruction. */
interface Form {
  readonly pattern: Pattern;
  readonly op: Instruction;
  readonly length: 2 | 4;
  readonly operands: readonly Operand[];
  readonly implied: Readonly<Partial<Fields>>;
  readonly nonzero: FieldName | undefined;
}

const FORMS: readonly Form[] = [
  ...INSTRUCTIONS.map(
    (op): Form => ({ pattern: op, op, length: 4, operands: operandsOf(op), implied: {}, nonzero: undefined }),
  ),
  ...COMPRESSED.map(
    (row): Form => ({
      pattern: row,
      op: instructionNamed(row.expansion),
      length: 2,
      operands: operandsOf(row),
      implied: row.implied,
      nonzero: row.nonzero,
    }),
  ),
];

function operandsOf({ operands }: { readonly operands: readonly string[] }): Operand[] {
  return operands.map((name) => OPERANDS[name]!);
}

/** Words are told apart first by bits that all forms of their length fix: 32 slots for each length. */
const SLOTS = 64;

function slotOf({ length, pattern: { match } }: Form): number {
  return length === 2 ? ((match & 3) << 3) | ((match >>> 13) & 7) : 32 | ((match >>> 2) & 31);
}

/** Builds the function (record, pc) → i32: 0, or EXIT.FETCH_FAULT. The record must be all zeroes. */
export function buildDecoder(): CodeBuilder {
  return new DecoderBuilder().build();
}

class DecoderBuilder {
  private readonly code = new CodeBuilder(["i32", "i32"]);
  private readonly record = 0;
  private readonly pc = 1;
  private readonly word = this.code.local("i32");
  private readonly handler = this.code.local("i32");
  private readonly value = this.code.local("i32");
  private illegal!: Label;

  build(): CodeBuilder {
    const { code } = this;
    this.fetch();
    code.block("void", (illegal) => {
      this.illegal = illegal;
      this.layouts(groupedByLayout(), new Map());
    });
    return code.get(this.record).i32(HANDLER.ILLEGAL).mem("i32_store").i32(0);
  }

  /** Loads the word, its upper half only if it is an instruction of 32 bits; that may lie in the next page. */
  private fetch(): void {
    const { code, pc, word } = this;
    this.refuseUnlessExecutable(() => code.get(pc));
    code
      .get(pc)
      .mem("i32_load16_u")
      .tee(word)
      .i32(3)
      .op("i32_and")
      .i32(3)
      .op("i32_eq")
      .if("void", () => {
        code
          .get(pc)
          .i32(PAGE_SIZE - 1)
          .op("i32_and")
          .i32(PAGE_SIZE - 2)
          .op("i32_eq")
          .if("void", () => this.refuseUnlessExecutable(() => code.get(pc).i32(2).op("i32_add")));
        code.get(word).get(pc).mem("i32_load16_u", 2).i32(16).op("i32_shl", "i32_or").set(word);
      });
  }

  /** Leaves with the first byte that may not be fetched, unless the page of `address` may be executed. */
  private refuseUnlessExecutable(address: () => void): void {
    const { code } = this;
    address();
    code.i32(12).op("i32_shr_u").mem("i32_load8_u", LAYOUT.pageTable).i32(ACCESS.EXEC).op("i32_and", "i32_eqz");
    code.if("void", () => {
      code.i32(0);
      address();
      code.op("i64_extend_i32_u").mem("i64_store", HART.faultAddress).i32(EXIT.FETCH_FAULT).op("return");
    });
  }

  /** Nests a block for each group of forms with the same layout; behind it stands what reads their fields. */
  private layouts(groups: readonly (readonly Form[])[], labels: ReadonlyMap<Form, Label>): void {
    const [group, ...rest] = groups;
    if (group === undefined) {
      this.find(labels);
      return;
    }
    this.code.block("void", (label) =>
      this.layouts(rest, new Map([...labels, ...group.map((form) => [form, label] as const)])),
    );
    this.fields(group[0]!);
  }

  /** Branches to the layout of the form that the word has, with the handler's number in place. */
  private find(labels: ReadonlyMap<Form, Label>): void {
    const { code, word, handler } = this;
    const slots = Array.from({ length: SLOTS }, (_, slot) => FORMS.filter((form) => slotOf(form) === slot));
    const used = slots.filter((forms) => forms.length > 0);
    const nest = (left: number, starts: ReadonlyMap<readonly Form[], Label>): void => {
      if (left === 0) {
        this.slot();
        code.brTable(
          slots.map((forms) => starts.get(forms) ?? this.illegal),
          this.illegal,
        );
        return;
      }
      const forms = used[left - 1]!;
      code.block("void", (label) => nest(left - 1, new Map([...starts, [forms, label]])));
      // The most specific first: c.jr before c.mv.
      for (const form of forms.toSorted((a, b) => ones(b.pattern.mask) - ones(a.pattern.mask))) {
        const { match, mask } = form.pattern;
        code.get(word).i32(mask | 0);
        code.op("i32_and").i32(match | 0);
        code.op("i32_eq").if("void", () => {
          code.i32(handlerNumber(form.op, form.length)).set(handler).br(labels.get(form)!);
        });
      }
      code.br(this.illegal);
    };
    nest(used.length, new Map());
  }

  /** Pushes the word's slot. */
  private slot(): void {
    const { code, word } = this;
    code.get(word).i32(2).op("i32_shr_u").i32(31).op("i32_and").i32(32).op("i32_or");
    code.get(word).i32(3).op("i32_and").i32(3).op("i32_shl");
    code.get(word).i32(13).op("i32_shr_u").i32(7).op("i32_and", "i32_or");
    code.get(word).i32(3).op("i32_and").i32(3).op("i32_eq", "select");
  }

  /** Writes the record of a form, and returns. */
  private fields(form: Form): void {
    const { code, record, handler } = this;
    const { op } = form;
    if (form.nonzero !== undefined) {
      this.field(form, form.nonzero);
      code.op("i32_eqz").brIf(this.illegal);
    }
    if (has(form, "rm")) this.roundingMode(form);
    if (op.kind === "csr") this.csr(form);
    for (const source of ["rs1", "rs2", "rs3"] as const) {
      if (op.files[source] === undefined) continue;
      code.get(record);
      this.registerSlot(form, source);
      code.mem("i32_store16", RECORD[source]);
    }
    if (has(form, "imm")) this.immediate(form);
    // The handler last, so that another hart that shares the cache would see a whole record.
    if (op.files.rd !== undefined) {
      code.get(record);
      this.destination(form);
      code.mem("i32_store16", RECORD.rd);
    }
    code.get(record).get(handler).mem("i32_store16", RECORD.handler).i32(0).op("return");
  }

  private roundingMode(form: Form): void {
    const { code, record, value } = this;
    this.field(form, "rm");
    code.tee(value).i32(ROUNDING.RMM).op("i32_gt_u").get(value).i32(ROUNDING.DYN).op("i32_lt_u", "i32_and");
    code.brIf(this.illegal).get(record).get(value).mem("i32_store16", RECORD.rm);
  }

  /** A CSR must exist, and one that is read-only must not be written: csrrs and csrrc with x0 or 0 only read. */
  private csr(form: Form): void {
    const { code, record, value } = this;
    this.field(form, "csr");
    code.set(value).block("void", (legal) => {
      for (const csr of Object.values(CSR)) {
        code.get(value).i32(csr).op("i32_eq");
        if (csrIsReadOnly(csr)) {
          if (form.op.name.startsWith("csrrw")) code.i32(0);
          else {
            this.field(form, has(form, "rs1") ? "rs1" : "imm");
            code.op("i32_eqz");
          }
          code.op("i32_and");
        }
        code.brIf(legal);
      }
      code.br(this.illegal);
    });
    code.get(record).get(value).mem("i32_store16", RECORD.csr);
  }

  private immediate(form: Form): void {
    const { code, record, pc, value } = this;
    code.get(record);
    this.field(form, "imm");
    code.tee(value).mem("i32_store", RECORD.imm);
    if (form.op.kind !== "branch" && form.op.kind !== "jal") return;
    // The distance of records, or 0 if the target is in another page.
    code.get(record).get(value).i32(SCALE).op("i32_mul").i32(0);
    code.get(value).get(pc).op("i32_add").get(pc).op("i32_xor").i32(12).op("i32_shr_u", "i32_eqz", "select");
    code.mem("i32_store", RECORD.near);
  }

  /** Pushes the address where the instruction's result goes. */
  private destination(form: Form): void {
    const { code, value } = this;
    this.registerSlot(form, "rd");
    if (form.op.files.rd === "f") return;
    code.tee(value).i32(HART.sink).get(value).i32(HART.x).op("i32_ne", "select");
  }

  /** Pushes the address of a register's slot. */
  private registerSlot(form: Form, field: "rd" | "rs1" | "rs2" | "rs3"): void {
    this.field(form, field);
    this.code
      .i32(3)
      .op("i32_shl")
      .i32(form.op.files[field] === "f" ? HART.f : HART.x);
    this.code.op("i32_add");
  }

  /** Pushes the value of a field; one that neither the word holds nor the form implies is 0. */
  private field(form: Form, field: FieldName): void {
    const { code } = this;
    const operand = form.operands.find(({ fields }) => fields.includes(field));
    if (operand === undefined) {
      code.i32(form.implied[field] ?? 0);
      return;
    }
    for (const [i, { from, to, mask }] of operand.runs.entries()) {
      code.get(this.word).i32(from).op("i32_shr_u");
      code.i32(mask | 0).op("i32_and");
      code.i32(to).op("i32_shl");
      if (i > 0) code.op("i32_or");
    }
    if (operand.signBits > 0) {
      const unused = 32 - operand.signBits;
      code.i32(unused).op("i32_shl").i32(unused).op("i32_shr_s");
    }
    if (operand.base > 0) code.i32(operand.base).op("i32_add");
  }
}

function groupedByLayout(): Form[][] {
  const groups = new Map<string, Form[]>();
  for (const form of FORMS) {
    const layout = layoutOf(form);
    const known = groups.get(layout);
    if (known === undefined) groups.set(layout, [form]);
    else known.push(form);
  }
  return [...groups.values()];
}

/** What must agree for two forms to be read by the same code. */
function layoutOf({ op, length, operands, implied, nonzero }: Form): string {
  const names = operands.map((operand) => OPERAND_NAMES.get(operand));
  const jumps = op.kind === "branch" || op.kind === "jal";
  return JSON.stringify([length, names, implied, nonzero, op.files, jumps, op.kind === "csr" && op.name]);
}

const OPERAND_NAMES = new Map(Object.entries(OPERANDS).map(([name, operand]) => [operand, name]));

function has({ operands, implied }: Form, field: FieldName): boolean {
  return field in implied || operands.some(({ fields }) => fields.includes(field));
}

function ones(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
