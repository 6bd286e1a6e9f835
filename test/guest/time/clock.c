/* clock_gettime(2), clock_getres(2), nanosleep(2), clock_nanosleep(2), gettimeofday(2), times(2), getrusage(2). */
#include "check.h"
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

static long nanoseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000L + now.tv_nsec;
}

static const struct {
    const char *name;
    clockid_t id;
} clocks[] = {
    {"REALTIME", CLOCK_REALTIME},
    {"MONOTONIC", CLOCK_MONOTONIC},
    {"PROCESS_CPUTIME", CLOCK_PROCESS_CPUTIME_ID},
    {"THREAD_CPUTIME", CLOCK_THREAD_CPUTIME_ID},
    {"MONOTONIC_RAW", CLOCK_MONOTONIC_RAW},
    {"REALTIME_COARSE", CLOCK_REALTIME_COARSE},
    {"MONOTONIC_COARSE", CLOCK_MONOTONIC_COARSE},
    {"BOOTTIME", CLOCK_BOOTTIME},
};

static void each_clock(void)
{
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        struct timespec resolution;
        int back = 0;
        long last = nanoseconds(clocks[i].id), first = last;
        for (int k = 0; k < 20000; k++) {
            long now = nanoseconds(clocks[i].id);
            back |= now < last;
            last = now;
        }
        int got = clock_getres(clocks[i].id, &resolution);
        printf("%s: %s, %s, resolution %d %s\n", clocks[i].name, back ? "goes back" : "never goes back",
               last - first < 10000000000L ? "sane" : "odd", got,
               resolution.tv_sec == 0 && resolution.tv_nsec > 0 ? "sane" : "odd");
    }
}

static void relations(void)
{
    PART("clocks among themselves");
    struct timeval day;
    DO(gettimeofday(&day, NULL));
    IS(labs(day.tv_sec - time(NULL)) <= 1);
    IS(labs(nanoseconds(CLOCK_REALTIME) / 1000000000 - time(NULL)) <= 1);
    IS(time(NULL) > 1700000000);
    IS(labs(nanoseconds(CLOCK_REALTIME_COARSE) - nanoseconds(CLOCK_REALTIME)) < 100000000);
    IS(labs(nanoseconds(CLOCK_MONOTONIC_COARSE) - nanoseconds(CLOCK_MONOTONIC)) < 100000000);
    struct timespec now;
    DO(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now));
    IS(labs(now.tv_sec * 1000000000L + now.tv_nsec - nanoseconds(CLOCK_MONOTONIC)) < 50000000);
}

static void sleeping(void)
{
    PART("sleeping");
    long from = nanoseconds(CLOCK_MONOTONIC), cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    struct timespec time = {0, 30000000};
    DO(nanosleep(&time, NULL));
    long used = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    long slept = nanoseconds(CLOCK_MONOTONIC) - from;
    IS(slept >= 30000000 && slept < 2000000000);
    IS(used < slept);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    long target = until.tv_sec * 1000000000L + until.tv_nsec + 20000000;
    until = (struct timespec){target / 1000000000, target % 1000000000};
    VALUE(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL));
    IS(nanoseconds(CLOCK_MONOTONIC) >= target);
    VALUE(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL));
    clock_gettime(CLOCK_REALTIME, &until);
    VALUE(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL));
    time = (struct timespec){0, 0};
    DO(nanosleep(&time, NULL));
    VALUE(usleep(1000));
}

static void refused(void)
{
    PART("refused");
    struct timespec bad = {0, 1000000000}, negative = {-1, 0}, now;
    DO(nanosleep(&bad, NULL));
    DO(nanosleep(&negative, NULL));
    DO(syscall(SYS_nanosleep, 16, NULL));
    VALUE(clock_nanosleep(99, 0, &negative, NULL) == EINVAL);
    DO(clock_gettime(99, &now));
    DO(clock_getres(99, &now));
    DO(clock_getres(CLOCK_MONOTONIC, NULL));
    DO(syscall(SYS_clock_gettime, CLOCK_REALTIME, 16));
    DO(clock_settime(CLOCK_MONOTONIC, &now));
    DO(syscall(SYS_clock_gettime, 99, 16));
}

static void usage(void)
{
    PART("times and getrusage");
    struct tms tms;
    struct rusage self, children;
    volatile unsigned long spins = 0;
    for (long from = nanoseconds(CLOCK_PROCESS_CPUTIME_ID); nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - from < 60000000;)
        spins++;
    IS(times(&tms) > 0);
    IS(tms.tms_utime + tms.tms_stime >= 3);
    VALUE(tms.tms_cutime);
    DO(getrusage(RUSAGE_SELF, &self));
    IS(self.ru_utime.tv_sec * 1000000 + self.ru_utime.tv_usec + self.ru_stime.tv_sec * 1000000 + self.ru_stime.tv_usec >=
       50000);
    IS(self.ru_maxrss > 0);
    DO(getrusage(RUSAGE_CHILDREN, &children));
    VALUE(children.ru_utime.tv_usec);
    DO(getrusage(RUSAGE_THREAD, &self));
    DO(getrusage(9, &self));
    DO(syscall(SYS_getrusage, RUSAGE_SELF, 16));
    IS(sysconf(_SC_CLK_TCK) == 100);
}

int main(void)
{
    each_clock();
    relations();
    sleeping();
    refused();
    usage();
    return 0;
}
