/*
 * A register machine of sixteen instructions and the program that both interpreter kernels run on it: Collatz walks whose
 * lengths go through a small table in memory.
 */
#ifndef DRUPE_BENCH_MACHINE_H
#define DRUPE_BENCH_MACHINE_H

#include "kernel.h"

/* One instruction: destination a, sources b and c; jumps take their target from `value`. */
struct insn {
    uint8_t op, a, b, c;
    int32_t value;
};

#define OPS(X)                                                                                                         \
    X(HALT) X(SET) X(MOVE) X(ADD) X(ADDI) X(SUB) X(MULI) X(SHR) X(ANDI) X(XOR) X(LOAD) X(STORE) X(JUMP) X(JZ) X(JNE)   \
    X(JLT)

#define X(name) name,
enum op { OPS(X) };
#undef X

/* r0 n, r1 x, r2 steps, r3 the limit, r4 the checksum, r5 and r6 scratch, r7 one. */
static const struct insn walk[] = {
    /* 0 */ {SET, 4, 0, 0, 0},
    /* 1 */ {SET, 7, 0, 0, 1},
    /* 2 */ {MOVE, 1, 0, 0, 0},
    /* 3 */ {SET, 2, 0, 0, 0},
    /* 4 */ {ANDI, 5, 1, 0, 1},
    /* 5 */ {JZ, 5, 0, 0, 9},
    /* 6 */ {MULI, 1, 1, 0, 3},
    /* 7 */ {ADDI, 1, 1, 0, 1},
    /* 8 */ {JUMP, 0, 0, 0, 10},
    /* 9 */ {SHR, 1, 1, 0, 1},
    /* 10 */ {ADDI, 2, 2, 0, 1},
    /* 11 */ {JNE, 1, 7, 0, 4},
    /* 12 */ {ANDI, 5, 2, 0, 63},
    /* 13 */ {LOAD, 6, 5, 0, 0},
    /* 14 */ {ADD, 6, 6, 2, 0},
    /* 15 */ {STORE, 6, 5, 0, 0},
    /* 16 */ {XOR, 4, 4, 6, 0},
    /* 17 */ {SUB, 4, 4, 0, 0},
    /* 18 */ {ADDI, 0, 0, 0, 1},
    /* 19 */ {JLT, 0, 3, 0, 2},
    /* 20 */ {HALT, 0, 0, 0, 0},
};

static int64_t memory[64];

#endif
