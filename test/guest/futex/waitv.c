/* futex_waitv(2): sleeping on several words.
 * @flags -pthread
 */
#include "futex.h"

struct entry {
    uint64_t value, address;
    uint32_t flags, reserved;
};

static volatile uint32_t word[130], far;
static struct entry list[130];
static volatile int handled;

static long waitv(const void *entries, unsigned count, unsigned flags, const struct timespec *timeout, int clock)
{
    return syscall(CALL_futex_waitv, entries, count, flags, timeout, clock);
}

static void fill(unsigned flags)
{
    for (int i = 0; i < 130; i++) {
        word[i] = 0;
        list[i] = (struct entry){0, (uintptr_t)&word[i], flags, 0};
    }
}

static void refusals(void)
{
    PART("refusals");
    struct timespec past = {0, 1}, invalid = {0, -1};
    fill(FUTEX2_PRIVATE_WORD);
    DO(waitv(list, 0, 0, NULL, 0));
    DO(waitv(list, 129, 0, NULL, 0));
    DO(waitv(NULL, 1, 0, NULL, 0));
    DO(waitv((void *)64, 1, 0, NULL, 0));
    DO(waitv(list, 1, 1, NULL, 0));
    DO(waitv(list, 1, 0, &past, CLOCK_MONOTONIC));
    DO(waitv(list, 128, 0, &past, CLOCK_REALTIME));
    DO(waitv(list, 1, 0, &past, CLOCK_BOOTTIME));
    DO(waitv(list, 1, 0, &invalid, CLOCK_MONOTONIC));
    DO(waitv((void *)64, 1, 0, &invalid, CLOCK_MONOTONIC));
    DO(waitv((void *)64, 1, 0, (void *)64, CLOCK_BOOTTIME));
    DO(waitv(list, 1, 0, (void *)64, CLOCK_MONOTONIC));
    list[1].value = 1;
    DO(waitv(list, 2, 0, &past, CLOCK_MONOTONIC));
    list[1].value = 0x100000000;
    DO(waitv(list, 2, 0, &past, CLOCK_MONOTONIC));
    list[1].value = 0;
    list[1].reserved = 1;
    DO(waitv(list, 2, 0, &past, CLOCK_MONOTONIC));
    list[1].reserved = 0;
    unsigned flags[] = {0, 1, 3, 32 | 2 | 128, 16 | 2, 256 | 2, 0x80000000u | 2};
    for (int i = 0; i < 7; i++) {
        list[1].flags = flags[i];
        printf("flags %#x: ", flags[i]);
        DO(waitv(list, 2, 0, &past, CLOCK_MONOTONIC));
    }
    list[1].flags = FUTEX2_SIZE_U32;
    DO(waitv(list, 2, 0, &past, CLOCK_MONOTONIC));
    list[1].address += 2;
    DO(waitv(list, 2, 0, &past, CLOCK_MONOTONIC));
    list[1].address = 64;
    DO(waitv(list, 2, 0, &past, CLOCK_MONOTONIC));
    list[0].value = 5;
    DO(waitv(list, 2, 0, &past, CLOCK_MONOTONIC));
}

static void *wait_all(void *count)
{
    errno = 0;
    long result = waitv(list, (unsigned)(long)count, 0, NULL, 0);
    return (void *)(result == -1 ? -errno : result);
}

static void on_signal(int signo) { handled = signo; }

int main(void)
{
    refusals();

    PART("which one was woken");
    for (int i = 0; i < 4; i++) {
        fill(FUTEX2_PRIVATE_WORD);
        pthread_t thread = start(wait_all, (void *)4);
        await_sleepers(&word[3], 1);
        VALUE(futex(&word[i], P(FUTEX_WAKE), 9, NULL, NULL, 0));
        VALUE(join(thread));
        VALUE(sleepers(&word[0]) + sleepers(&word[1]) + sleepers(&word[2]) + sleepers(&word[3]));
    }

    PART("as many as there may be");
    fill(FUTEX2_PRIVATE_WORD);
    pthread_t thread = start(wait_all, (void *)128);
    await_sleepers(&word[127], 1);
    VALUE(futex(&word[100], P(FUTEX_WAKE), 1, NULL, NULL, 0));
    VALUE(join(thread));

    PART("one word twice");
    list[1].address = list[0].address;
    thread = start(wait_all, (void *)2);
    await_sleepers(&word[0], 2);
    VALUE(futex(&word[0], P(FUTEX_WAKE), 9, NULL, NULL, 0));
    VALUE(join(thread));

    PART("moved to another word");
    fill(FUTEX2_PRIVATE_WORD);
    thread = start(wait_all, (void *)3);
    await_sleepers(&word[2], 1);
    VALUE(futex2count(&word[1], P(FUTEX_REQUEUE), 0, 1, &far, 0));
    VALUE(futex(&word[1], P(FUTEX_WAKE), 1, NULL, NULL, 0));
    VALUE(futex(&far, P(FUTEX_WAKE), 1, NULL, NULL, 0));
    VALUE(join(thread));

    PART("bit sets");
    thread = start(wait_all, (void *)3);
    await_sleepers(&word[2], 1);
    VALUE(futex(&word[1], P(FUTEX_WAKE_BITSET), 1, NULL, NULL, 16));
    VALUE(join(thread));

    PART("signals");
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &action, NULL);
    thread = start(wait_all, (void *)3);
    await_sleepers(&word[2], 1);
    pthread_kill(thread, SIGUSR1);
    VALUE(join(thread) == -EINTR);
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, NULL);
    handled = 0;
    thread = start(wait_all, (void *)3);
    await_sleepers(&word[2], 1);
    pthread_kill(thread, SIGUSR1);
    while (!handled)
        breathe();
    await_sleepers(&word[2], 1);
    VALUE(futex(&word[2], P(FUTEX_WAKE), 1, NULL, NULL, 0));
    VALUE(join(thread));

    PART("timeouts");
    struct timespec until = in_ms(CLOCK_MONOTONIC, 30);
    long before = now_ms();
    DO(waitv(list, 3, 0, &until, CLOCK_MONOTONIC));
    IS(now_ms() - before >= 29);
    until = in_ms(CLOCK_REALTIME, 30);
    before = now_ms();
    DO(waitv(list, 3, 0, &until, CLOCK_REALTIME));
    IS(now_ms() - before >= 28);
    return 0;
}
