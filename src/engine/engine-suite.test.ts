/** What every engine must do; each engine's own test file calls {@link testEngine}. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assemble } from "../isa/assemble.ts";
import { ACCESS, type Engine, EXIT, HART } from "../machine/index.ts";
import { CODE, DATA, EXIT_CALL, Guest, READ_ONLY, STACK_TOP } from "./guest.test.ts";

const END = `
  addi a7, zero, ${EXIT_CALL}
  ecall`;

/** Loads the address DATA + offset into a register. */
const dataAddress = (register: string, offset = 0) => `
  lui ${register}, ${DATA >> 12}
  addi ${register}, ${register}, ${offset}`;

export function testEngine(name: string, create: () => Engine): void {
  describe(`${name} engine`, () => {
    const engine = create();
    const withGuest = (source: string, use: (guest: Guest) => void, options = {}) => {
      const guest = new Guest(engine, source, options);
      try {
        use(guest);
      } finally {
        guest.space.release();
      }
    };
    testComputation(withGuest);
    testCalls(withGuest);
    testMemory(withGuest);
    testFetch(withGuest);
    testPolls(withGuest);
    testCodeChanges(withGuest);
    testSpaces(engine, withGuest);
  });
}

type WithGuest = (source: string, use: (guest: Guest) => void, options?: object) => void;

function testComputation(withGuest: WithGuest): void {
  it("computes, long enough that code becomes hot", () => {
    const source = `
        lui a1, 100
        addi a0, zero, 0
      again:
        add a0, a0, a1
        addi a1, a1, -1
        bne a1, zero, again ${END}`;
    withGuest(source, (guest) => {
      const n = 100n << 12n;
      assert.equal(guest.finish().get("a0"), (n * (n + 1n)) / 2n);
    });
  });

  it("keeps x0 zero, whatever is written to it", () => {
    const source = `${dataAddress("a1")}
        sd a1, 0(a1)
        addi zero, a1, 1
        add a0, zero, zero
        ld zero, 0(a1)
        or a0, a0, zero
        amoswap.d zero, a1, (a1)
        or a0, a0, zero
        jal zero, on
      on:
        or a0, a0, zero
        csrrs zero, cycle, zero
        or a0, a0, zero ${END}`;
    withGuest(source, (guest) => assert.equal(guest.finish().get("a0"), 0n));
  });

  it("recurses and returns, tens of thousands of calls deep", () => {
    const source = `
        lui a0, 5
        jal ra, sum ${END}
      sum:
        beq a0, zero, zero_case
        addi sp, sp, -16
        sd ra, 0(sp)
        sd a0, 8(sp)
        addi a0, a0, -1
        jal ra, sum
        ld t0, 8(sp)
        add a0, a0, t0
        ld ra, 0(sp)
        addi sp, sp, 16
      zero_case:
        jalr zero, 0(ra)`;
    withGuest(source, (guest) => {
      const n = 5n << 12n;
      assert.equal(guest.finish().get("a0"), (n * (n + 1n)) / 2n);
      assert.equal(guest.get("sp"), BigInt(STACK_TOP));
    });
  });

  it("computes the target of jalr before it links", () => {
    const source = `
        auipc t0, 0
        jalr t0, 12(t0)
        addi a0, zero, 1 ${END}`;
    withGuest(source, (guest) => {
      assert.equal(guest.finish().get("a0"), 0n);
      assert.equal(guest.get("t0"), BigInt(CODE + 8));
    });
  });

  it("clears the lowest bit of an indirect target", () => {
    withGuest(`auipc t0, 0\n jalr zero, 9(t0) ${END}`, (guest) => void guest.finish());
  });

  it("rounds as frm says and accrues exceptions", () => {
    const source = `
        addi t0, zero, 3
        fcvt.d.w fa1, t0, rne
        addi t0, zero, 1
        fcvt.d.w fa0, t0, rne
        csrrwi zero, fcsr, 0
        fdiv.d fa2, fa0, fa1
        csrrs a0, fflags, zero
        csrrwi zero, frm, 3
        fdiv.d fa3, fa0, fa1
        csrrs a1, fcsr, zero ${END}`;
    withGuest(source, (guest) => {
      guest.finish();
      assert.equal(guest.get("a0"), 1n);
      assert.equal(guest.get("a1"), 0x61n);
      assert.equal(guest.get("fa2"), 0x3fd5_5555_5555_5555n);
      assert.equal(guest.get("fa3"), 0x3fd5_5555_5555_5556n);
    });
  });

  it("refuses a reserved rounding mode when it is used", () => {
    withGuest(`csrrwi zero, frm, 5\n fadd.d fa0, fa1, fa2 ${END}`, (guest) => {
      assert.equal(guest.run(), EXIT.ILLEGAL);
      assert.equal(guest.pc, CODE + 4);
    });
  });

  it("keeps LR and SC together", () => {
    const source = `${dataAddress("a1")}
        addi t0, zero, 7
        sc.d a0, t0, (a1)
        lr.d a2, (a1)
        sc.d a3, t0, (a1)
        sc.d a4, t0, (a1)
        lr.w a5, (a1)
        addi a6, a1, 8
        sc.w a6, t0, (a6) ${END}`;
    withGuest(source, (guest) => {
      guest.finish();
      const failed = ["a0", "a2", "a3", "a4", "a5", "a6"].map((register) => guest.get(register));
      assert.deepEqual(failed, [1n, 0n, 0n, 1n, 7n, 1n]);
      assert.equal(guest.word(DATA), 7);
    });
  });
}

function testCalls(withGuest: WithGuest): void {
  it("goes on behind an ecall that the handler answered", () => {
    const source = `addi a7, zero, 5\n ecall\n addi a0, a0, 1 ${END}`;
    withGuest(source, (guest) => {
      guest.onCall = (_, { pc }) => {
        assert.equal(pc, CODE + 8);
        guest.set("a0", 41);
        return 0;
      };
      assert.equal(guest.finish().get("a0"), 42n);
      assert.deepEqual(guest.calls, [5, EXIT_CALL]);
    });
  });

  it("leaves when the handler unwinds, and goes on where the handler says", () => {
    const source = `addi a7, zero, 5\n ecall\n ebreak\n elsewhere: addi a0, zero, 9 ${END}`;
    withGuest(source, (guest) => {
      guest.onCall = () => {
        guest.pc = guest.label("elsewhere");
        return 1;
      };
      assert.equal(guest.run(), EXIT.SYSCALL);
      assert.equal(guest.pc, guest.label("elsewhere"));
      assert.equal(guest.finish().get("a0"), 9n);
    });
  });

  it("stops at ebreak and at what is no instruction, without moving", () => {
    withGuest("addi a0, zero, 1\n c.ebreak\n .half 0", (guest) => {
      assert.equal(guest.run(), EXIT.BREAKPOINT);
      assert.equal(guest.pc, CODE + 4);
      guest.pc = CODE + 6;
      assert.equal(guest.run(), EXIT.ILLEGAL);
      assert.equal(guest.pc, CODE + 6);
      assert.equal(guest.get("a0"), 1n);
    });
  });

  it("reads clocks that do not run backwards", () => {
    withGuest(`csrrs a0, time, zero\n csrrs a1, time, zero\n csrrs a2, instret, zero ${END}`, (guest) => {
      guest.finish();
      assert.ok(guest.get("a1") >= guest.get("a0"));
      assert.ok(guest.get("a2") >= 0n);
    });
  });
}

/** An access that must be refused: the register a1 holds the address. */
interface Refused {
  readonly title: string;
  readonly instruction: string;
  readonly address: bigint;
  readonly reason: number;
  /** What the hart reports, if not the address itself. */
  readonly reported?: bigint;
}

const REFUSED: readonly Refused[] = [
  { title: "a load of address 0", instruction: "ld a0, 0(a1)", address: 0n, reason: EXIT.LOAD_FAULT },
  { title: "a load of the hart's page", instruction: "lbu a0, 0(a1)", address: 0x100n, reason: EXIT.LOAD_FAULT },
  { title: "a store to address 0", instruction: "sb a0, 0(a1)", address: 0n, reason: EXIT.STORE_FAULT },
  { title: "a load where nothing is", instruction: "lw a0, 0(a1)", address: 0x7_0000n, reason: EXIT.LOAD_FAULT },
  { title: "a store to a page for reading", instruction: "sd a0, 0(a1)", address: 0x8_2008n, reason: EXIT.STORE_FAULT },
  { title: "a load beyond 4 GB", instruction: "ld a0, 0(a1)", address: 0x1_0008_0000n, reason: EXIT.LOAD_FAULT },
  { title: "a store beyond 4 GB", instruction: "sw a0, 0(a1)", address: 0x1_0008_0000n, reason: EXIT.STORE_FAULT },
  { title: "a load of a kernel's address", instruction: "fld fa0, 0(a1)", address: -8n, reason: EXIT.LOAD_FAULT },
  {
    title: "a store that straddles into a page for reading",
    instruction: "sd a0, 0(a1)",
    address: BigInt(READ_ONLY - 4),
    reason: EXIT.STORE_FAULT,
    reported: BigInt(READ_ONLY),
  },
  {
    title: "a load that straddles into nothing",
    instruction: "lhu a0, 0(a1)",
    address: BigInt(READ_ONLY + 0xfff),
    reason: EXIT.LOAD_FAULT,
    reported: BigInt(READ_ONLY + 0x1000),
  },
  { title: "LR where nothing is", instruction: "lr.d a0, (a1)", address: 0x7_0000n, reason: EXIT.LOAD_FAULT },
  {
    title: "an AMO on a page for reading",
    instruction: "amoadd.w a0, a2, (a1)",
    address: 0x8_2000n,
    reason: EXIT.STORE_FAULT,
  },
  { title: "a misaligned AMO", instruction: "amoadd.d a0, a2, (a1)", address: 0x8_0004n, reason: EXIT.MISALIGNED },
  { title: "a misaligned LR", instruction: "lr.w a0, (a1)", address: 0x8_0002n, reason: EXIT.MISALIGNED },
];

function testMemory(withGuest: WithGuest): void {
  for (const { title, instruction, address, reason, reported } of REFUSED) {
    it(`refuses ${title}, precisely`, () => {
      const source = `addi a3, zero, 1\n fault: ${instruction}\n addi a3, zero, 2 ${END}`;
      withGuest(source, (guest) => {
        guest.set("a0", 77);
        guest.set("a1", address);
        assert.equal(guest.run(), reason);
        assert.equal(guest.pc, guest.label("fault"));
        assert.equal(guest.faultAddress, BigInt.asUintN(64, reported ?? address));
        assert.equal(guest.get("a0"), 77n);
        assert.equal(guest.get("a3"), 1n);
      });
    });
  }

  it("lets a straddling access through where both pages allow it", () => {
    const source = `${dataAddress("a1", 0x7fd)}
        lui t0, 1
        add a1, a1, t0
        addi a1, a1, -0x7ff
        addi a0, zero, -2
        sd a0, 0(a1)
        ld a2, 0(a1)
        lw a3, 0(a1) ${END}`;
    withGuest(source, (guest) => {
      guest.finish();
      assert.equal(guest.get("a1"), BigInt(DATA + 0xffe));
      assert.equal(guest.get("a2"), -2n);
      assert.equal(guest.get("a3"), -2n);
    });
  });

  it("goes on after a fault was repaired", () => {
    withGuest(`lui a1, 0x70\n ld a0, 8(a1)\n addi a0, a0, 1 ${END}`, (guest) => {
      assert.equal(guest.run(), EXIT.LOAD_FAULT);
      guest.space.memory.setAccess(0x7_0000, 0x7_1000, ACCESS.READ);
      assert.equal(guest.finish().get("a0"), 1n);
    });
  });

  it("faults in the middle of a hot loop, with every register in place", () => {
    const source = `${dataAddress("a1")}
      again:
        addi a0, a0, 1
        fault: lbu t0, 0(a1)
        addi a1, a1, 1
        jal zero, again`;
    withGuest(source, (guest) => {
      assert.equal(guest.run(), EXIT.LOAD_FAULT);
      assert.equal(guest.pc, guest.label("fault"));
      assert.equal(guest.get("a0"), 0x3001n);
      assert.equal(guest.get("a1"), BigInt(READ_ONLY + 0x1000));
      assert.equal(guest.faultAddress, BigInt(READ_ONLY + 0x1000));
    });
  });
}

function testFetch(withGuest: WithGuest): void {
  const wild: readonly (readonly [string, bigint])[] = [
    ["to address 0", 0n],
    ["where nothing is", 0x7_0000n],
    ["to data", BigInt(DATA)],
    ["beyond 4 GB", 0x1_0000_0000n + BigInt(CODE)],
    ["to a kernel's address", -0x1000n],
  ];
  for (const [title, address] of wild) {
    it(`refuses a jump ${title}, at the target`, () => {
      withGuest("jalr ra, 0(a1)", (guest) => {
        guest.set("a1", address);
        assert.equal(guest.run(), EXIT.FETCH_FAULT);
        assert.equal(BigInt.asUintN(64, guest.space.memory.i64[HART.pc >> 3]!), BigInt.asUintN(64, address));
        assert.equal(guest.faultAddress, BigInt.asUintN(64, address));
        assert.equal(guest.get("ra"), BigInt(CODE + 4));
      });
    });
  }

  it("refuses to run off the end of the code", () => {
    withGuest("addi a0, zero, 1\n jal zero, last\n .space 0x3ff6\n last: c.addi a0, 1", (guest) => {
      assert.equal(guest.run(), EXIT.FETCH_FAULT);
      assert.equal(guest.pc, CODE + 0x4000);
      assert.equal(guest.get("a0"), 2n);
    });
  });

  it("runs an instruction that straddles two pages, and on behind it", () => {
    withGuest(`jal zero, last\n .space 0xffa\n last: addi a0, zero, 5\n addi a0, a0, 1 ${END}`, (guest) => {
      assert.equal(guest.label("last"), CODE + 0xffe);
      assert.equal(guest.finish().get("a0"), 6n);
    });
  });

  it("refuses an instruction that straddles into a page that is not executable", () => {
    withGuest(`jal zero, last\n .space 0xffa\n last: addi a0, zero, 5 ${END}`, (guest) => {
      guest.space.memory.setAccess(CODE + 0x1000, CODE + 0x2000, ACCESS.READ);
      assert.equal(guest.run(), EXIT.FETCH_FAULT);
      assert.equal(guest.pc, CODE + 0xffe);
      assert.equal(guest.faultAddress, BigInt(CODE + 0x1000));
    });
  });

  it("branches from page to page, back and forth", () => {
    const source = `
        addi a0, zero, 0
        lui a1, 4
        addi a1, a1, 1
      here:
        addi a0, a0, 1
        beq a0, a1, end
        jal zero, there
      end: ${END}
        .space 0x1000
      there:
        addi a0, a0, 1
        jal zero, here`;
    withGuest(source, (guest) => assert.equal(guest.finish().get("a0"), 0x4001n));
  });

  it("enters code anywhere", () => {
    withGuest(`addi a0, a0, 1\n addi a0, a0, 2\n addi a0, a0, 4 ${END}`, (guest) => {
      guest.finish();
      guest.set("a0", 0);
      guest.pc = CODE + 4;
      assert.equal(guest.finish().get("a0"), 6n);
    });
  });
}

const SPIN = "again: addi a0, a0, 1\n jal zero, again";

function testPolls(withGuest: WithGuest): void {
  it("leaves a loop when a poll is asked for, and goes on after it", () => {
    withGuest(SPIN, (guest) => {
      guest.askPoll(true);
      assert.equal(guest.run(), EXIT.POLL);
      const seen = guest.get("a0");
      assert.ok(seen >= 1n);
      assert.equal(guest.pc, CODE);
      assert.equal(guest.run(), EXIT.POLL);
      assert.ok(guest.get("a0") > seen);
    });
  });

  it("leaves when a handler asks for a poll", () => {
    const source = "addi a7, zero, 1\n again: ecall\n jal zero, again";
    withGuest(source, (guest) => {
      guest.onCall = () => {
        if (guest.calls.length === 5000) guest.askPoll(true);
        return 0;
      };
      assert.equal(guest.run(), EXIT.POLL);
      assert.equal(guest.calls.length, 5000);
    });
  });

  it("stops after exactly as much fuel as it was given", () => {
    const source = `
      again:
        addi a0, a0, 1
        c.addi a0, 1
        beq a1, a0, again
        addi a0, a0, 1
        jal ra, call
        jal zero, again
      call:
        addi a0, a0, 1
        jalr zero, 0(ra)`;
    withGuest(
      source,
      (guest) => {
        const offsets = [0, 4, 6, 10, 14, 22, 26, 18];
        for (let executed = 0; executed < 40_000; ) {
          const fuel = 1 + (executed % 13);
          assert.equal(guest.run(fuel), EXIT.POLL);
          executed += fuel;
          assert.equal(guest.pc, CODE + offsets[executed % offsets.length]!);
        }
      },
      { poll: "fuel" },
    );
  });

  it("stops exactly in long runs too", () => {
    withGuest(
      SPIN,
      (guest) => {
        assert.equal(guest.run(5_000_001), EXIT.POLL);
        assert.equal(guest.get("a0"), 2_500_001n);
        assert.equal(guest.pc, CODE + 4);
      },
      { poll: "fuel" },
    );
  });

  it("does nothing without fuel", () => {
    withGuest(
      SPIN,
      (guest) => {
        assert.equal(guest.run(0), EXIT.POLL);
        assert.equal(guest.get("a0"), 0n);
      },
      { poll: "fuel" },
    );
  });

  it("does not count an instruction that faulted", () => {
    withGuest(
      `lui a1, 0x70\n ld a0, 0(a1)\n addi a0, a0, 1 ${END}`,
      (guest) => {
        assert.equal(guest.run(2), EXIT.LOAD_FAULT);
        guest.space.memory.setAccess(0x7_0000, 0x7_1000, ACCESS.READ);
        assert.equal(guest.run(2), EXIT.POLL);
        assert.equal(guest.pc, CODE + 12);
      },
      { poll: "fuel" },
    );
  });
}

/** Calls `f` often, which returns a constant. */
const CALLER = `
    lui s0, 1
  again:
    jal ra, f
    addi s0, s0, -1
    bne s0, zero, again ${END}
  f:
    addi a0, zero, 1
    jalr zero, 0(ra)`;

const REPLACEMENT = new DataView(assemble("addi a0, zero, 2").bytes.buffer).getUint32(0, true);

function testCodeChanges(withGuest: WithGuest): void {
  it("runs code that the guest rewrote, after fence.i", () => {
    const source = `
        auipc s1, 0
        lui s0, 4
      again:
        jal ra, f
        addi s0, s0, -1
        bne s0, zero, again
        sw a1, 44(s1)
        fence.i
        jal ra, f ${END}
        addi zero, zero, 0
      f:
        addi a0, zero, 1
        jalr zero, 0(ra)`;
    withGuest(source, (guest) => {
      assert.equal(guest.label("f"), CODE + 44);
      guest.set("a1", REPLACEMENT);
      assert.equal(guest.finish().get("a0"), 2n);
    });
  });

  it("runs code that was changed from outside, once told", () => {
    withGuest(CALLER, (guest) => {
      assert.equal(guest.finish().get("a0"), 1n);
      const f = guest.label("f");
      guest.space.memory.view.setUint32(f, REPLACEMENT, true);
      guest.space.invalidate(f, f + 4);
      guest.pc = CODE;
      assert.equal(guest.finish().get("a0"), 2n);
    });
  });

  it("forgets an instruction of which only the second half was told", () => {
    withGuest(CALLER, (guest) => {
      guest.finish();
      const f = guest.label("f");
      guest.space.memory.view.setUint32(f, REPLACEMENT, true);
      guest.space.invalidate(f + 2, f + 4);
      guest.pc = CODE;
      assert.equal(guest.finish().get("a0"), 2n);
    });
  });

  it("refuses code that lost its permission", () => {
    withGuest(CALLER, (guest) => {
      guest.finish();
      guest.space.memory.setAccess(CODE, CODE + 0x1000, ACCESS.READ);
      guest.space.invalidate(CODE, CODE + 0x1000);
      guest.pc = guest.label("f");
      assert.equal(guest.run(), EXIT.FETCH_FAULT);
      assert.equal(guest.pc, guest.label("f"));
    });
  });

  it("goes on under other options", () => {
    withGuest(CALLER, (guest) => {
      guest.finish();
      const { options } = guest.space;
      guest.space.reconfigure({ ...options, poll: "fuel" });
      guest.pc = CODE;
      assert.equal(guest.run(1000), EXIT.POLL);
      guest.space.reconfigure({ ...options, policy: "null" });
      assert.equal(guest.finish().get("a0"), 1n);
    });
  });
}

function testSpaces(engine: Engine, withGuest: WithGuest): void {
  it("keeps spaces apart", () => {
    const one = new Guest(engine, `addi a0, zero, 1 ${END}`);
    const two = new Guest(engine, `addi a0, zero, 2 ${END}`);
    assert.equal(one.finish().get("a0"), 1n);
    assert.equal(two.finish().get("a0"), 2n);
    assert.equal(one.get("a0"), 1n);
    one.space.release();
    two.space.release();
  });

  it("gives a released memory back empty", () => {
    withGuest(`${dataAddress("a1")}\n sd a1, 8(a1) ${END}`, (guest) => void guest.finish());
    const seen = new Set<unknown>();
    const spaces = Array.from({ length: 3 }, () =>
      engine.createSpace({ syscall: () => 1 }, { policy: "paged", poll: "flag", fflags: true, count: true }),
    );
    for (const { memory } of spaces) {
      seen.add(memory);
      for (const address of [CODE, DATA + 8]) {
        assert.equal(memory.accessAt(address), 0);
        if (address < memory.size) assert.equal(memory.view.getUint32(address, true), 0);
      }
    }
    assert.equal(seen.size, 3);
    for (const space of spaces) space.release();
  });

  it("counts instructions", () => {
    const before = engine.stats();
    withGuest(`addi a0, zero, 1 ${END}`, (guest) => {
      guest.finish();
      const { interpreted, translated } = engine.stats();
      assert.equal(interpreted + translated - before.interpreted - before.translated, 3);
    });
  });
}
