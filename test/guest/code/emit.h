/*
 * A very small compiler from a list of operations on an accumulator to machine code, for RISC-V and for x86-64, so that a
 * test which makes code at run time prints the same natively. A function takes (accumulator, argument) and returns the
 * accumulator.
 */
#ifndef DRUPE_EMIT_H
#define DRUPE_EMIT_H

#include "check.h"
#include <sys/mman.h>

enum op { ADD_CONSTANT, ADD_ARGUMENT, XOR_ARGUMENT, MULTIPLY_ARGUMENT, SHIFT_LEFT, OPS };

struct step {
    enum op op;
    int constant; /* -2048 … 2047 for ADD_CONSTANT, 0 … 63 for SHIFT_LEFT */
};

typedef uint64_t (*compiled)(uint64_t accumulator, uint64_t argument);

static inline unsigned char *emit_bytes(unsigned char *at, const void *bytes, size_t length)
{
    memcpy(at, bytes, length);
    return at + length;
}

#ifdef __riscv
static inline unsigned char *emit_word(unsigned char *at, uint32_t word) { return emit_bytes(at, &word, 4); }

static inline unsigned char *emit_step(unsigned char *at, struct step step)
{
    uint32_t constant = (uint32_t)step.constant;
    switch (step.op) {
    case ADD_CONSTANT: return emit_word(at, constant << 20 | 0x00050513);
    case ADD_ARGUMENT: return emit_word(at, 0x00b50533);
    case XOR_ARGUMENT: return emit_word(at, 0x00b54533);
    case MULTIPLY_ARGUMENT: return emit_word(at, 0x02b50533);
    default: return emit_word(at, (constant & 63) << 20 | 0x00051513);
    }
}

/* A compressed `ret`, so that what follows is only two-byte aligned. */
static inline unsigned char *emit_return(unsigned char *at) { return emit_bytes(at, "\x82\x80", 2); }
static inline unsigned char *emit_start(unsigned char *at) { return at; }
#else
static inline unsigned char *emit_step(unsigned char *at, struct step step)
{
    switch (step.op) {
    case ADD_CONSTANT: return emit_bytes(emit_bytes(at, "\x48\x05", 2), &step.constant, 4);
    case ADD_ARGUMENT: return emit_bytes(at, "\x48\x01\xf0", 3);
    case XOR_ARGUMENT: return emit_bytes(at, "\x48\x31\xf0", 3);
    case MULTIPLY_ARGUMENT: return emit_bytes(at, "\x48\x0f\xaf\xc6", 4);
    default: return emit_bytes(emit_bytes(at, "\x48\xc1\xe0", 3), &step.constant, 1);
    }
}

static inline unsigned char *emit_return(unsigned char *at) { return emit_bytes(at, "\xc3", 1); }
static inline unsigned char *emit_start(unsigned char *at) { return emit_bytes(at, "\x48\x89\xf8", 3); }
#endif

/* Writes a function and tells the processor; answers its end. */
static inline unsigned char *emit(unsigned char *at, const struct step *steps, int count)
{
    unsigned char *start = at;
    at = emit_start(at);
    for (int i = 0; i < count; i++)
        at = emit_step(at, steps[i]);
    at = emit_return(at);
    __builtin___clear_cache((char *)start, (char *)at);
    return at;
}

/* What the compiled function must answer. */
static inline uint64_t interpret(const struct step *steps, int count, uint64_t accumulator, uint64_t argument)
{
    for (int i = 0; i < count; i++)
        switch (steps[i].op) {
        case ADD_CONSTANT: accumulator += (uint64_t)(int64_t)steps[i].constant; break;
        case ADD_ARGUMENT: accumulator += argument; break;
        case XOR_ARGUMENT: accumulator ^= argument; break;
        case MULTIPLY_ARGUMENT: accumulator *= argument; break;
        default: accumulator <<= steps[i].constant & 63; break;
        }
    return accumulator;
}

static uint64_t emit_random = 0x2545f4914f6cdd1du;

static inline unsigned roll(unsigned below)
{
    emit_random ^= emit_random << 13;
    emit_random ^= emit_random >> 7;
    emit_random ^= emit_random << 17;
    return (unsigned)(emit_random >> 33) % below;
}

static inline int random_steps(struct step *steps, int most)
{
    int count = 1 + (int)roll((unsigned)most);
    for (int i = 0; i < count; i++) {
        steps[i].op = (enum op)roll(OPS);
        steps[i].constant = steps[i].op == SHIFT_LEFT ? (int)roll(64) : (int)roll(4096) - 2048;
    }
    return count;
}

#endif
