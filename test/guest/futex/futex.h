/* Raw futex calls, and threads that can be awaited without depending on time. */
#ifndef DRUPE_FUTEX_H
#define DRUPE_FUTEX_H

#include "threads.h"
#include <limits.h>
#include <linux/futex.h>
#include <sys/mman.h>

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#ifndef FUTEX2_SIZE_U32
#define FUTEX2_SIZE_U32 2
#endif
#define FUTEX2_PRIVATE_WORD (FUTEX2_SIZE_U32 | FUTEX_PRIVATE_FLAG)
enum { CALL_futex_waitv = 449, CALL_futex_wake = 454, CALL_futex_wait = 455, CALL_futex_requeue = 456 };

#define P(op) ((op) | FUTEX_PRIVATE_FLAG)

static inline long futex(volatile void *word, int op, unsigned value, const void *timeout, volatile void *word2,
                         unsigned value3)
{
    return syscall(SYS_futex, word, op, value, timeout, word2, value3);
}

/* The same for the calls that take a second count where others take a timeout. */
static inline long futex2count(volatile void *word, int op, unsigned value, long count, volatile void *word2,
                               unsigned value3)
{
    return syscall(SYS_futex, word, op, value, count, word2, value3);
}

static inline pid_t tid(void) { return (pid_t)syscall(SYS_gettid); }

/* How many sleep on a private word, none of them with priority inheritance: moves them to where they are. */
static inline long sleepers(volatile void *word) { return futex2count(word, P(FUTEX_REQUEUE), 0, INT_MAX, word, 0); }

static inline void await_sleepers(volatile void *word, long count)
{
    while (sleepers(word) != count)
        breathe();
}

/* Waits until a thread that is about to sleep does so. */
static inline void await_sleep(volatile pid_t *thread)
{
    while (*thread == 0)
        breathe();
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", *thread);
    do {
        pause_ms(1);
        FILE *file = fopen(path, "r");
        if (!file || fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
            state = 'X';
        if (file)
            fclose(file);
        if (state == 'X')
            pause_ms(20);
    } while (state != 'S' && state != 'X');
}

#endif
