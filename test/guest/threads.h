/* What the tests of POSIX threads share. Calls answer error numbers instead of setting errno. */
#ifndef DRUPE_THREADS_H
#define DRUPE_THREADS_H

#include "check.h"
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

/* Prints `call: ok` or the name of the error that it answered. */
#define POSIX(call) check_posix(#call, (call))

static inline int check_posix(const char *call, int error)
{
    const char *name = error == EOWNERDEAD ? "EOWNERDEAD" : error == ENOTRECOVERABLE ? "ENOTRECOVERABLE" : NULL;
    printf("%s: %s\n", call, name ? name : error ? check_errno(error) : "ok");
    return error;
}

static inline struct timespec in_ms(clockid_t clock, long ms)
{
    struct timespec time;
    clock_gettime(clock, &time);
    time.tv_sec += ms / 1000;
    time.tv_nsec += ms % 1000 * 1000000;
    if (time.tv_nsec >= 1000000000) {
        time.tv_nsec -= 1000000000;
        time.tv_sec++;
    }
    return time;
}

static inline long now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Lets others run, in a loop that waits for what they do. */
static inline void breathe(void) { nanosleep(&(struct timespec){0, 100000}, NULL); }

static inline void pause_ms(long ms) { nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL); }

static inline pthread_t start(void *(*run)(void *), void *argument)
{
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, run, argument);
    if (failed) {
        printf("pthread_create: %s\n", check_errno(failed));
        exit(99);
    }
    return thread;
}

static inline long join(pthread_t thread)
{
    void *result = NULL;
    pthread_join(thread, &result);
    return (long)result;
}

#endif
