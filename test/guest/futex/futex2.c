/* futex_wait(2), futex_wake(2), futex_requeue(2).
 * @flags -pthread
 */
#include "futex.h"

struct entry {
    uint64_t value, address;
    uint32_t flags, reserved;
};

static volatile uint32_t word, other;
static struct timespec past = {0, 1};
static volatile int handled;

static long wait2(volatile void *at, unsigned long value, unsigned long mask, unsigned flags, const void *timeout, int clock)
{
    return syscall(CALL_futex_wait, at, value, mask, flags, timeout, clock);
}

static long wake2(volatile void *at, unsigned long mask, int count, unsigned flags)
{
    return syscall(CALL_futex_wake, at, mask, count, flags);
}

static long requeue2(const void *entries, unsigned flags, int wake, int move)
{
    return syscall(CALL_futex_requeue, entries, flags, wake, move);
}

#define OWN FUTEX2_PRIVATE_WORD
#define ALL 0xffffffffUL

static void *wait_word(void *timed)
{
    struct timespec until = in_ms(CLOCK_MONOTONIC, 100000);
    errno = 0;
    long result = wait2(&word, 0, ALL, OWN, timed ? &until : NULL, CLOCK_MONOTONIC);
    return (void *)(result == -1 ? -errno : result);
}

static void on_signal(int signo) { handled = signo; }

int main(void)
{
    PART("wait");
    DO(wait2(&word, 1, ALL, OWN, NULL, 0));
    DO(wait2(&word, 0, 0, OWN, NULL, 0));
    DO(wait2(&word, 0x100000000, ALL, OWN, NULL, 0));
    DO(wait2(&word, 0, 0x100000000, OWN, NULL, 0));
    DO(wait2(&word, 0, ALL, 0, NULL, 0));
    DO(wait2(&word, 0, ALL, 3, NULL, 0));
    DO(wait2(&word, 0, ALL, OWN | 256, NULL, 0));
    DO(wait2((char *)&word + 1, 0, ALL, OWN, NULL, 0));
    DO(wait2((void *)64, 0, ALL, OWN, NULL, 0));
    DO(wait2(&word, 0, ALL, OWN, &past, CLOCK_MONOTONIC));
    DO(wait2(&word, 0, ALL, OWN, &past, CLOCK_REALTIME));
    DO(wait2(&word, 0, ALL, OWN, &past, CLOCK_TAI));
    DO(wait2(&word, 0, ALL, OWN, (void *)64, CLOCK_MONOTONIC));
    DO(wait2(&word, 1, ALL, OWN, (void *)64, CLOCK_TAI));

    PART("wake");
    VALUE(wake2(&word, ALL, 1, OWN));
    VALUE(wake2(&word, 0, 1, OWN));
    VALUE(wake2(&word, 0x100000000, 1, OWN));
    VALUE(wake2(&word, ALL, 1, 1));
    VALUE(wake2(&word, ALL, 1, OWN | 512));
    VALUE(wake2((char *)&word + 1, ALL, 0, OWN));
    VALUE(wake2((void *)64, ALL, 1, OWN));
    VALUE(wake2((void *)64, ALL, 0, FUTEX2_SIZE_U32));
    pthread_t first = start(wait_word, NULL), second;
    await_sleepers(&word, 1);
    second = start(wait_word, NULL);
    await_sleepers(&word, 2);
    VALUE(wake2(&word, ALL, 0, OWN));
    VALUE(wake2(&word, ALL, 1, FUTEX2_SIZE_U32));
    VALUE(wake2(&word, 1, -1, OWN));
    VALUE(join(first));
    VALUE(wake2(&word, 1, 9, OWN));
    VALUE(join(second));

    PART("requeue");
    struct entry pair[2] = {{0, (uintptr_t)&word, OWN, 0}, {0, (uintptr_t)&other, OWN, 0}};
    VALUE(requeue2(NULL, 0, 1, 1));
    VALUE(requeue2(pair, 1, 1, 1));
    VALUE(requeue2(pair, 0, -1, 1));
    VALUE(requeue2(pair, 0, 1, -1));
    VALUE(requeue2((void *)64, 0, 1, 1));
    pair[1].flags = FUTEX2_SIZE_U32;
    VALUE(requeue2(pair, 0, 1, 1));
    pair[1].flags = 0;
    VALUE(requeue2(pair, 0, 1, 1));
    pair[1].flags = OWN;
    pair[0].value = 1;
    VALUE(requeue2(pair, 0, 1, 1));
    pair[0].value = 0;
    first = start(wait_word, NULL);
    await_sleepers(&word, 1);
    second = start(wait_word, NULL);
    await_sleepers(&word, 2);
    VALUE(requeue2(pair, 0, 1, 9));
    VALUE(join(first));
    VALUE(sleepers(&other));
    VALUE(futex(&other, P(FUTEX_WAKE), 9, NULL, NULL, 0));
    VALUE(join(second));

    PART("signals");
    for (long timed = 0; timed < 2; timed++) {
        struct sigaction action = {.sa_handler = on_signal};
        sigaction(SIGUSR1, &action, NULL);
        first = start(wait_word, (void *)timed);
        await_sleepers(&word, 1);
        pthread_kill(first, SIGUSR1);
        VALUE(join(first) == -EINTR);
        action.sa_flags = SA_RESTART;
        sigaction(SIGUSR1, &action, NULL);
        handled = 0;
        first = start(wait_word, (void *)timed);
        await_sleepers(&word, 1);
        pthread_kill(first, SIGUSR1);
        while (!handled)
            breathe();
        await_sleepers(&word, 1);
        VALUE(wake2(&word, ALL, 1, OWN));
        VALUE(join(first));
    }
    return 0;
}
