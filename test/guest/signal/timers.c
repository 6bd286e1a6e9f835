/* alarm(2), setitimer(2), getitimer(2): signals into a loop that makes no system call. */
#include "check.h"
#include <sys/time.h>
#include <time.h>

static volatile int ticks;
static volatile unsigned long spins;

static void tick(int signal)
{
    (void)signal;
    ticks++;
}

__attribute__((noinline)) static unsigned long recurse(unsigned long n) { return n ? recurse(n - 1) + 1 : 0; }

static long elapsed_ms(struct timespec from)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - from.tv_sec) * 1000 + (now.tv_nsec - from.tv_nsec) / 1000000;
}

int main(void)
{
    struct itimerval every = {{0, 10000}, {0, 10000}}, none = {{0, 0}, {0, 0}}, now;
    struct timespec from;
    signal(SIGALRM, tick);

    PART("an interval timer and a tight loop");
    DO(setitimer(ITIMER_REAL, &every, NULL));
    clock_gettime(CLOCK_MONOTONIC, &from);
    while (ticks < 5)
        spins++;
    IS(elapsed_ms(from) >= 40);
    DO(getitimer(ITIMER_REAL, &now));
    IS(now.it_interval.tv_usec == 10000 && now.it_value.tv_sec == 0 && now.it_value.tv_usec <= 10000);

    PART("and one of calls alone");
    ticks = 0;
    while (ticks < 3)
        spins += recurse(50);
    VALUE(ticks >= 3);
    DO(setitimer(ITIMER_REAL, &none, &now));
    IS(now.it_interval.tv_usec == 10000);
    DO(getitimer(ITIMER_REAL, &now));
    VALUE(now.it_value.tv_sec + now.it_value.tv_usec + now.it_interval.tv_usec);

    PART("alarm");
    VALUE(alarm(100));
    VALUE(alarm(0));
    VALUE(alarm(0));
    VALUE(alarm(3000));
    DO(getitimer(ITIMER_REAL, &now));
    IS(now.it_value.tv_sec >= 2998);
    VALUE(alarm(0) >= 2999);
    ticks = 0;
    clock_gettime(CLOCK_MONOTONIC, &from);
    alarm(1);
    DO(pause());
    VALUE(ticks);
    IS(elapsed_ms(from) >= 990);

    PART("refused");
    struct itimerval bad = {{0, 0}, {0, 1000000}};
    DO(setitimer(ITIMER_REAL, &bad, NULL));
    DO(setitimer(9, &every, NULL));
    DO(getitimer(9, &now));
    DO(getitimer(ITIMER_REAL, (void *)16));
    return 0;
}
