/* Conditions whose lock inherits priorities: FUTEX_WAIT_REQUEUE_PI and FUTEX_CMP_REQUEUE_PI.
 * @flags -pthread
 */
#include "futex.h"

static volatile uint32_t condition, lock, other;
static volatile pid_t thread_id[4];
static volatile int order[8], came;

static const char *owner(uint32_t value)
{
    static char text[64];
    uint32_t id = value & FUTEX_TID_MASK;
    strcpy(text, id == 0 ? "nobody" : id == (uint32_t)tid() ? "main" : "a stranger");
    for (int i = 0; i < 4; i++)
        if (id && id == (uint32_t)thread_id[i])
            snprintf(text, sizeof text, "thread %d", i);
    strcat(text, value & FUTEX_WAITERS ? ", waiters" : "");
    strcat(text, value & FUTEX_OWNER_DIED ? ", died" : "");
    return text;
}
#define SHOW(word) printf(#word ": %s\n", owner(word))

static long timeout_ms;

/* Waits on the condition; frees the lock that it then holds. */
static void *wait_condition(void *name)
{
    thread_id[(long)name] = tid();
    struct timespec until = in_ms(CLOCK_MONOTONIC, timeout_ms);
    long result = futex(&condition, P(FUTEX_WAIT_REQUEUE_PI), 0, timeout_ms ? &until : NULL, &lock, 0);
    if (result == -1)
        return (void *)(long)-errno;
    order[__atomic_fetch_add(&came, 1, __ATOMIC_SEQ_CST)] = (int)(long)name;
    int mine = (lock & FUTEX_TID_MASK) == (uint32_t)tid();
    if (lock == (uint32_t)tid())
        lock = 0;
    else
        futex(&lock, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0);
    return (void *)(long)mine;
}

static pthread_t thread[4];

static void fill(long count)
{
    condition = lock = came = 0;
    memset((void *)thread_id, 0, sizeof thread_id);
    for (long i = 0; i < count; i++) {
        thread[i] = start(wait_condition, (void *)i);
        await_sleep(&thread_id[i]);
    }
}

static void drain(int count)
{
    for (int i = 0; i < count; i++) {
        long result = join(thread[i]);
        printf("thread %d: %s\n", i, result < 0 ? check_errno((int)-result) : result ? "has the lock" : "has no lock");
    }
}

#define MOVE(count) VALUE(futex2count(&condition, P(FUTEX_CMP_REQUEUE_PI), 1, count, &lock, 0))

static volatile int handled;
static void on_signal(int signo) { handled = signo; }

static void *hold(void *unused)
{
    (void)unused;
    thread_id[3] = tid();
    futex(&lock, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0);
    while (!handled)
        breathe();
    futex(&lock, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0);
    return NULL;
}

int main(void)
{
    PART("the lock is free: one gets it");
    fill(1);
    MOVE(0);
    drain(1);
    SHOW(lock);

    PART("the lock is free: one gets it, others wait for it");
    fill(3);
    MOVE(INT_MAX);
    drain(3);
    VALUE(order[0] * 100 + order[1] * 10 + order[2]);
    SHOW(lock);

    PART("the lock is held");
    fill(3);
    DO(futex(&lock, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0));
    MOVE(0);
    SHOW(lock);
    MOVE(1);
    VALUE(came);
    VALUE(futex(&condition, P(FUTEX_WAKE), 1, NULL, NULL, 0));
    VALUE(futex(&lock, P(FUTEX_WAKE), 1, NULL, NULL, 0));
    DO(futex(&lock, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0));
    drain(3);
    VALUE(order[0] * 100 + order[1] * 10 + order[2]);
    SHOW(lock);

    PART("only with what belongs to it");
    fill(1);
    VALUE(futex(&condition, P(FUTEX_WAKE), 1, NULL, NULL, 0));
    VALUE(futex2count(&condition, P(FUTEX_REQUEUE), 0, 1, &lock, 0));
    VALUE(futex2count(&condition, P(FUTEX_CMP_REQUEUE_PI), 1, 0, &other, 0));
    DO(futex(&condition, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0));
    MOVE(0);
    drain(1);

    PART("the caller has what the waiter is to wait for");
    fill(1);
    lock = (uint32_t)thread_id[0];
    MOVE(0);
    lock = 0x3ffffff0;
    MOVE(0);
    SHOW(lock);
    lock = 0;
    MOVE(0);
    drain(1);

    PART("too late on the condition");
    timeout_ms = 20;
    fill(1);
    drain(1);
    VALUE(sleepers(&condition));
    SHOW(lock);

    PART("too late at the lock");
    timeout_ms = 500;
    condition = lock = 0;
    thread_id[0] = 0;
    thread[0] = start(wait_condition, (void *)0);
    await_sleep(&thread_id[0]);
    DO(futex(&lock, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0));
    MOVE(0);
    drain(1);
    SHOW(lock);
    DO(futex(&lock, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0));
    SHOW(lock);
    timeout_ms = 0;

    PART("a signal on the condition");
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &action, NULL);
    fill(1);
    pthread_kill(thread[0], SIGUSR1);
    while (!handled)
        breathe();
    await_sleep(&thread_id[0]);
    MOVE(0);
    drain(1);

    PART("a signal at the lock");
    fill(1);
    handled = 0;
    thread[3] = start(hold, NULL);
    while (!(lock & FUTEX_TID_MASK))
        breathe();
    MOVE(0);
    SHOW(lock);
    await_sleep(&thread_id[0]);
    pthread_kill(thread[0], SIGUSR1);
    drain(1);
    join(thread[3]);
    SHOW(lock);
    return 0;
}
