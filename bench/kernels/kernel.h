/*
 * What every benchmark kernel shares: its iteration count, its pseudo-random numbers, and its last line.
 *
 * A kernel is run as `prog [count]`. It prints one checksum, the same on every architecture, so that a translator which
 * is fast and wrong is seen.
 */
#ifndef DRUPE_BENCH_KERNEL_H
#define DRUPE_BENCH_KERNEL_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The iteration count: the first argument, or the kernel's own default (about 2 s of native work). */
static inline long iterations(int argc, char **argv, long otherwise)
{
    return argc > 1 ? atol(argv[1]) : otherwise;
}

static uint64_t random_state = 0x9e3779b97f4a7c15u;

/* xorshift64*: Marsaglia 2003 with Vigna's multiplier. */
static inline uint64_t next_random(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * 0x2545f4914f6cdd1du;
}

/* Folds a value into a checksum; the order of the values matters. */
static inline uint64_t fold(uint64_t sum, uint64_t value)
{
    return (sum ^ value) * 0x100000001b3u + (sum >> 29);
}

static inline int report(const char *kernel, uint64_t sum)
{
    printf("%s %016llx\n", kernel, (unsigned long long)sum);
    return 0;
}

#endif
