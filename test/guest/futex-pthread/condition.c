/* Condition variables: a bounded queue, broadcast to many, timeouts on both clocks, and with priority inheritance.
 * @flags -pthread
 * @link static musl
 */
#include "threads.h"

static pthread_mutex_t mutex;
static pthread_cond_t changed;
static int waiting, gate, woken;

static void *wait_gate(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&mutex);
    waiting++;
    while (!gate)
        pthread_cond_wait(&changed, &mutex);
    woken++;
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void await_waiting(int count)
{
    for (;;) {
        pthread_mutex_lock(&mutex);
        int reached = waiting == count;
        pthread_mutex_unlock(&mutex);
        if (reached)
            return;
        breathe();
    }
}

static void broadcast(int count)
{
    waiting = gate = woken = 0;
    pthread_t thread[100];
    for (int i = 0; i < count; i++)
        thread[i] = start(wait_gate, NULL);
    await_waiting(count);
    POSIX(pthread_cond_signal(&changed));
    pthread_mutex_lock(&mutex);
    gate = 1;
    pthread_mutex_unlock(&mutex);
    POSIX(pthread_cond_broadcast(&changed));
    for (int i = 0; i < count; i++)
        join(thread[i]);
    VALUE(woken);
}

enum { SLOTS = 4, ITEMS = 2000 };
static pthread_cond_t not_full, not_empty;
static int ring[SLOTS], filled, read_at, write_at;

static void *produce(void *base)
{
    for (int i = 0; i < ITEMS; i++) {
        pthread_mutex_lock(&mutex);
        while (filled == SLOTS)
            pthread_cond_wait(&not_full, &mutex);
        ring[write_at++ % SLOTS] = (int)(long)base + i;
        filled++;
        pthread_cond_signal(&not_empty);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void *consume(void *unused)
{
    (void)unused;
    long sum = 0;
    for (int i = 0; i < ITEMS; i++) {
        pthread_mutex_lock(&mutex);
        while (filled == 0)
            pthread_cond_wait(&not_empty, &mutex);
        sum += ring[read_at++ % SLOTS];
        filled--;
        pthread_cond_signal(&not_full);
        pthread_mutex_unlock(&mutex);
    }
    return (void *)sum;
}

static void queue(void)
{
    pthread_cond_init(&not_full, NULL);
    pthread_cond_init(&not_empty, NULL);
    pthread_t producer[3], consumer[3];
    for (long i = 0; i < 3; i++) {
        consumer[i] = start(consume, NULL);
        producer[i] = start(produce, (void *)(i * ITEMS));
    }
    long sum = 0;
    for (int i = 0; i < 3; i++) {
        join(producer[i]);
        sum += join(consumer[i]);
    }
    VALUE(sum);
}

static void late(clockid_t clock)
{
    pthread_condattr_t attribute;
    pthread_condattr_init(&attribute);
    POSIX(pthread_condattr_setclock(&attribute, clock));
    pthread_cond_t condition;
    pthread_cond_init(&condition, &attribute);
    pthread_mutex_lock(&mutex);
    struct timespec until = in_ms(clock, 30), past = {1, 0};
    long before = now_ms();
    POSIX(pthread_cond_timedwait(&condition, &mutex, &until));
    IS(now_ms() - before >= 28);
    POSIX(pthread_cond_timedwait(&condition, &mutex, &past));
    past.tv_nsec = -1;
    POSIX(pthread_cond_timedwait(&condition, &mutex, &past));
    POSIX(pthread_mutex_trylock(&mutex));
    pthread_mutex_unlock(&mutex);
    POSIX(pthread_cond_destroy(&condition));
}

static void all(int protocol)
{
    pthread_mutexattr_t attribute;
    pthread_mutexattr_init(&attribute);
    pthread_mutexattr_setprotocol(&attribute, protocol);
    pthread_mutex_init(&mutex, &attribute);
    pthread_cond_init(&changed, NULL);
    broadcast(1);
    broadcast(100);
    queue();
    late(CLOCK_REALTIME);
    late(CLOCK_MONOTONIC);
}

int main(void)
{
    PART("plain");
    all(PTHREAD_PRIO_NONE);
    PART("inheriting priority");
    all(PTHREAD_PRIO_INHERIT);
    return 0;
}
