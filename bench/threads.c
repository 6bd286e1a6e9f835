/*
 * What threads cost: `threads WHAT TIMES`. Each workload does its thing so many times and prints a line that must be the same
 * everywhere.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long times;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long counter;

static void futex(uint32_t *word, int op, uint32_t value) { syscall(SYS_futex, word, op, value, NULL, NULL, 0); }

static void *nothing(void *unused) { return unused; }

static pthread_t start(void *(*run)(void *), void *argument)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, argument))
        exit(1);
    return thread;
}

/* Locks and unlocks in a process that has had another thread, so that the C library takes no short cut. */
static void uncontended(void)
{
    pthread_join(start(nothing, NULL), NULL);
    for (long i = 0; i < times; i++) {
        pthread_mutex_lock(&mutex);
        counter++;
        pthread_mutex_unlock(&mutex);
    }
}

static uint32_t turn;

/* Hands a word back and forth; a round is two wakes and two waits. */
static void take_turns(uint32_t mine)
{
    for (long i = 0; i < times; i++) {
        while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != mine)
            futex(&turn, FUTEX_WAIT_PRIVATE, !mine);
        counter++;
        __atomic_store_n(&turn, !mine, __ATOMIC_RELEASE);
        futex(&turn, FUTEX_WAKE_PRIVATE, 1);
    }
}

static void *answer(void *unused)
{
    take_turns(1);
    return unused;
}

static void ping_pong(void)
{
    pthread_t other = start(answer, NULL);
    take_turns(0);
    pthread_join(other, NULL);
}

enum { CONTENDERS = 8, LISTENERS = 100 };

static void *contend(void *unused)
{
    for (long i = 0; i < times / CONTENDERS; i++) {
        pthread_mutex_lock(&mutex);
        counter++;
        pthread_mutex_unlock(&mutex);
    }
    return unused;
}

static void contended(void)
{
    pthread_t thread[CONTENDERS];
    for (int i = 0; i < CONTENDERS; i++)
        thread[i] = start(contend, NULL);
    for (int i = 0; i < CONTENDERS; i++)
        pthread_join(thread[i], NULL);
}

static long round_number;
static int listening;
static pthread_cond_t all_listen = PTHREAD_COND_INITIALIZER;

static void *listen_to_all(void *unused)
{
    pthread_mutex_lock(&mutex);
    for (long i = 1; i <= times; i++) {
        if (++listening == LISTENERS)
            pthread_cond_signal(&all_listen);
        while (round_number < i)
            pthread_cond_wait(&changed, &mutex);
        counter++;
    }
    pthread_mutex_unlock(&mutex);
    return unused;
}

/* Wakes a hundred threads at once, when all have come back to sleep. */
static void broadcast(void)
{
    pthread_t thread[LISTENERS];
    for (int i = 0; i < LISTENERS; i++)
        thread[i] = start(listen_to_all, NULL);
    for (long i = 1; i <= times; i++) {
        pthread_mutex_lock(&mutex);
        while (listening < LISTENERS)
            pthread_cond_wait(&all_listen, &mutex);
        listening = 0;
        round_number = i;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&mutex);
    }
    for (int i = 0; i < LISTENERS; i++)
        pthread_join(thread[i], NULL);
}

static void create(void)
{
    for (long i = 0; i < times; i++, counter++)
        pthread_join(start(nothing, NULL), NULL);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    times = atol(argv[2]);
    if (!strcmp(argv[1], "uncontended"))
        uncontended();
    else if (!strcmp(argv[1], "ping-pong"))
        ping_pong();
    else if (!strcmp(argv[1], "contended"))
        contended();
    else if (!strcmp(argv[1], "broadcast"))
        broadcast();
    else if (!strcmp(argv[1], "create"))
        create();
    else
        return 2;
    printf("%s: %ld\n", argv[1], counter);
    return 0;
}
