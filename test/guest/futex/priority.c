/* Who is woken first, and what a holder is lent. Where real-time priorities are not allowed, order is by arrival.
 * @flags -pthread
 */
#include "futex.h"
#include <sched.h>

static volatile uint32_t word, lock, locks[3];
static volatile pid_t id[4];
static volatile int order[4], came, allowed = 1;

static void become(int priority)
{
    struct sched_param param = {.sched_priority = priority};
    if (priority && sched_setscheduler(0, SCHED_FIFO, &param))
        allowed = 0;
}

static const int priorities[4] = {0, 10, 30, 20};

static void *wait_word(void *name)
{
    long me = (long)name;
    become(priorities[me]);
    futex(&word, P(FUTEX_WAIT), 0, NULL, NULL, 0);
    order[came++] = (int)me;
    return NULL;
}

static void *take_lock(void *name)
{
    long me = (long)name;
    become(priorities[me]);
    id[me] = tid();
    futex(&lock, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0);
    order[came++] = (int)me;
    futex(&lock, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0);
    return NULL;
}

static void *wait_condition(void *name)
{
    long me = (long)name;
    become(priorities[me]);
    id[me] = tid();
    futex(&word, P(FUTEX_WAIT_REQUEUE_PI), 0, NULL, &lock, 0);
    order[came++] = (int)me;
    futex(&lock, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0);
    return NULL;
}

/* Whether the order is that of urgency, or of arrival where nobody could become urgent. */
static int right_order(void)
{
    static const int urgent[4] = {2, 3, 1, 0}, arrival[4] = {0, 1, 2, 3};
    const int *wanted = allowed ? urgent : arrival;
    int right = came == 4;
    for (int i = 0; i < 4; i++)
        right &= order[i] == wanted[i];
    return right;
}

/* A thread's priority as the scheduler sees it: 20 + nice, or -1 - n for the real-time priority n. */
static long seen(pid_t thread)
{
    char path[64];
    long priority = 1000;
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
    FILE *file = fopen(path, "r");
    if (!file || fscanf(file, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %ld", &priority) != 1)
        printf("cannot read %s\n", path);
    if (file)
        fclose(file);
    return priority;
}

static long fair;
static int lent(pid_t thread, int priority) { return seen(thread) == (allowed && priority ? -1 - priority : fair); }

static pthread_t thread[4];

static void wakes(void)
{
    PART("wakes");
    for (long i = 0; i < 4; i++) {
        thread[i] = start(wait_word, (void *)i);
        await_sleepers(&word, i + 1);
    }
    for (int i = 0; i < 4; i++) {
        VALUE(futex(&word, P(FUTEX_WAKE), 1, NULL, NULL, 0));
        while (came != i + 1)
            breathe();
    }
    IS(right_order());
    for (int i = 0; i < 4; i++)
        join(thread[i]);
}

static void locking(void)
{
    PART("a lock");
    came = 0;
    futex(&lock, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0);
    for (long i = 0; i < 4; i++) {
        id[i] = 0;
        thread[i] = start(take_lock, (void *)i);
        await_sleep(&id[i]);
        IS(lent(tid(), i == 0 ? 0 : i == 1 ? 10 : 30));
    }
    DO(futex(&lock, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0));
    for (int i = 0; i < 4; i++)
        join(thread[i]);
    IS(right_order());
    IS(lent(tid(), 0));
}

static void condition(void)
{
    PART("a condition");
    came = 0;
    futex(&lock, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0);
    for (long i = 0; i < 4; i++) {
        id[i] = 0;
        thread[i] = start(wait_condition, (void *)i);
        await_sleep(&id[i]);
    }
    IS(lent(tid(), 0));
    VALUE(futex2count(&word, P(FUTEX_CMP_REQUEUE_PI), 1, 0, &lock, 0));
    IS(lent(tid(), 30));
    VALUE(futex2count(&word, P(FUTEX_CMP_REQUEUE_PI), 1, INT_MAX, &lock, 0));
    DO(futex(&lock, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0));
    for (int i = 0; i < 4; i++)
        join(thread[i]);
    IS(right_order());
}

/* Has the lock of its number, and waits for the one before. */
static volatile uint32_t gate;
static void *link_chain(void *name)
{
    long me = (long)name;
    if (me < 3)
        futex(&locks[me], P(FUTEX_LOCK_PI), 0, NULL, NULL, 0);
    else
        become(40);
    struct timespec until = in_ms(CLOCK_REALTIME, 700);
    id[me] = tid();
    futex(&locks[me - 1], P(FUTEX_LOCK_PI), 0, me == 3 ? &until : NULL, NULL, 0);
    return NULL;
}

static void chain(void)
{
    PART("a chain");
    futex(&locks[0], P(FUTEX_LOCK_PI), 0, NULL, NULL, 0);
    for (long i = 1; i < 4; i++) {
        id[i] = 0;
        thread[i] = start(link_chain, (void *)i);
        await_sleep(&id[i]);
        IS(lent(tid(), i == 3 ? 40 : 0));
    }
    IS(lent(id[1], 40) && lent(id[2], 40));
    join(thread[3]);
    IS(lent(tid(), 0) && lent(id[1], 0) && lent(id[2], 0));
    DO(futex(&locks[0], P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0));
    join(thread[1]);
    join(thread[2]);
}

int main(void)
{
    fair = seen(tid());
    wakes();
    locking();
    condition();
    chain();
    return 0;
}
