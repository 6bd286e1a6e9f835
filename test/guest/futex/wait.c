/* Sleeping on a word and being woken: counts, bit sets, order, clocks, signals.
 * @flags -pthread
 */
#include "futex.h"

static volatile uint32_t word;
static volatile int woken_order[8], woken;

static void *wait_any(void *name)
{
    long result = futex(&word, P(FUTEX_WAIT), 0, NULL, NULL, 0);
    woken_order[__atomic_fetch_add(&woken, 1, __ATOMIC_SEQ_CST)] = (int)(long)name;
    return (void *)result;
}

static void *wait_bits(void *bits)
{
    return (void *)futex(&word, P(FUTEX_WAIT_BITSET), 0, NULL, NULL, (unsigned)(long)bits);
}

static void counts(void)
{
    PART("counts");
    pthread_t thread[5];
    for (long i = 0; i < 5; i++) {
        thread[i] = start(wait_any, (void *)i);
        await_sleepers(&word, i + 1);
    }
    VALUE(futex(&word, P(FUTEX_WAKE), 0, NULL, NULL, 0));
    VALUE(sleepers(&word));
    VALUE(futex(&word, P(FUTEX_WAKE), -1, NULL, NULL, 0));
    VALUE(sleepers(&word));
    VALUE(join(thread[0]));
    VALUE(join(thread[1]));
    VALUE(futex(&word, P(FUTEX_WAKE), 2, NULL, NULL, 0));
    VALUE(join(thread[2]));
    VALUE(join(thread[3]));
    VALUE(futex(&word, FUTEX_WAKE, 100, NULL, NULL, 0));
    VALUE(futex(&word, P(FUTEX_WAKE), 100, NULL, NULL, 0));
    VALUE(join(thread[4]));
    VALUE(futex(&word, P(FUTEX_WAKE), 100, NULL, NULL, 0));
}

static void order(void)
{
    PART("the longest sleeper first");
    woken = 0;
    pthread_t thread[6];
    for (long i = 0; i < 6; i++) {
        thread[i] = start(wait_any, (void *)i);
        await_sleepers(&word, i + 1);
    }
    for (int i = 0; i < 6; i++) {
        futex(&word, P(FUTEX_WAKE), 1, NULL, NULL, 0);
        while (woken != i + 1)
            breathe();
        VALUE(woken_order[i]);
    }
    for (int i = 0; i < 6; i++)
        join(thread[i]);
}

static void bits(void)
{
    PART("bit sets");
    pthread_t one = start(wait_bits, (void *)1), two, both;
    await_sleepers(&word, 1);
    two = start(wait_bits, (void *)2);
    await_sleepers(&word, 2);
    both = start(wait_bits, (void *)3);
    await_sleepers(&word, 3);
    VALUE(futex(&word, P(FUTEX_WAKE_BITSET), 100, NULL, NULL, 4));
    VALUE(futex(&word, P(FUTEX_WAKE_BITSET), 1, NULL, NULL, 2));
    VALUE(join(two));
    VALUE(futex(&word, P(FUTEX_WAKE_BITSET), 100, NULL, NULL, 2));
    VALUE(join(both));
    VALUE(futex(&word, P(FUTEX_WAKE), 100, NULL, NULL, 0));
    VALUE(join(one));
}

static void timeouts(void)
{
    PART("timeouts");
    struct timespec short_time = {0, 30000000}, zero = {0, 0};
    long before = now_ms();
    DO(futex(&word, P(FUTEX_WAIT), 0, &short_time, NULL, 0));
    IS(now_ms() - before >= 29);
    DO(futex(&word, P(FUTEX_WAIT), 0, &zero, NULL, 0));
    before = now_ms();
    struct timespec until = in_ms(CLOCK_MONOTONIC, 30);
    DO(futex(&word, P(FUTEX_WAIT_BITSET), 0, &until, NULL, FUTEX_BITSET_MATCH_ANY));
    IS(now_ms() - before >= 29);
    before = now_ms();
    until = in_ms(CLOCK_REALTIME, 30);
    DO(futex(&word, P(FUTEX_WAIT_BITSET) | FUTEX_CLOCK_REALTIME, 0, &until, NULL, FUTEX_BITSET_MATCH_ANY));
    IS(now_ms() - before >= 28);
    VALUE(sleepers(&word));
}

static volatile sig_atomic_t handled;
static void on_signal(int signo) { handled = signo; }

static struct timespec long_time = {100, 0}, instant;

static void *wait_signalled(void *how)
{
    errno = 0;
    long result;
    if ((long)how == 0)
        result = futex(&word, P(FUTEX_WAIT), 0, NULL, NULL, 0);
    else if ((long)how == 1)
        result = futex(&word, P(FUTEX_WAIT), 0, &long_time, NULL, 0);
    else
        result = futex(&word, P(FUTEX_WAIT_BITSET), 0, &instant, NULL, 1);
    return (void *)(long)(result == -1 ? -errno : result);
}

static void interrupt(const char *title, int flags, long how, int restarts)
{
    PART(title);
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};
    sigaction(SIGUSR1, &action, NULL);
    handled = 0;
    pthread_t thread = start(wait_signalled, (void *)how);
    await_sleepers(&word, 1);
    pthread_kill(thread, SIGUSR1);
    while (!handled)
        breathe();
    if (restarts) {
        await_sleepers(&word, 1);
        futex(&word, P(FUTEX_WAKE), 1, NULL, NULL, 0);
    }
    long result = join(thread);
    printf("answer: %s\n", result < 0 ? check_errno((int)-result) : "ok");
}

static void signals(void)
{
    interrupt("a handler", 0, 0, 0);
    interrupt("a handler that restarts", SA_RESTART, 0, 1);
    interrupt("a handler, with a timeout", 0, 1, 0);
    interrupt("a handler that restarts, with a timeout", SA_RESTART, 1, 0);
    instant = in_ms(CLOCK_MONOTONIC, 100000);
    interrupt("a handler that restarts, with an instant", SA_RESTART, 2, 0);
}

int main(void)
{
    counts();
    order();
    bits();
    timeouts();
    signals();
    PART("a changed word");
    word = 5;
    DO(futex(&word, P(FUTEX_WAIT), 0, NULL, NULL, 0));
    return 0;
}
