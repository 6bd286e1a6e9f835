/*
 * Processor time of threads and processes: clock_gettime(2) by clock_getcpuclockid(3) and pthread_getcpuclockid(3), sleeping
 * by it, timers on it, RLIMIT_CPU.
 * @flags -pthread
 */
#include "check.h"
#include <pthread.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#define MS 1000000L

static volatile int stop;

static long reading(clockid_t clock)
{
    struct timespec time;
    if (clock_gettime(clock, &time))
        return -1;
    return time.tv_sec * 1000 * MS + time.tv_nsec;
}

static void compute(long ns)
{
    long start = reading(CLOCK_THREAD_CPUTIME_ID);
    while (reading(CLOCK_THREAD_CPUTIME_ID) - start < ns)
        ;
}

static void for_a_while(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * MS};
    nanosleep(&time, NULL);
}

static void *spin(void *unused)
{
    while (!stop)
        ;
    return unused;
}

static void *sleep_on(void *unused)
{
    while (!stop)
        for_a_while(5);
    return unused;
}

static void threads(void)
{
    PART("threads");
    pthread_t busy, lazy;
    clockid_t of_busy, of_lazy, of_main;
    stop = 0;
    DO(pthread_create(&busy, NULL, spin, NULL));
    DO(pthread_create(&lazy, NULL, sleep_on, NULL));
    DO(pthread_getcpuclockid(busy, &of_busy));
    DO(pthread_getcpuclockid(lazy, &of_lazy));
    DO(pthread_getcpuclockid(pthread_self(), &of_main));
    while (reading(of_busy) < 100 * MS)
        for_a_while(10);
    IS(reading(of_lazy) < reading(of_busy) / 2);
    IS(reading(of_main) < reading(of_busy) / 2);
    long before = reading(of_busy);
    IS(reading(CLOCK_PROCESS_CPUTIME_ID) >= before);
    before = reading(of_main);
    IS(reading(CLOCK_THREAD_CPUTIME_ID) >= before);
    stop = 1;
    pthread_join(busy, NULL);
    pthread_join(lazy, NULL);
    /* Time of threads that have ended is still the process's. */
    IS(reading(CLOCK_PROCESS_CPUTIME_ID) >= 100 * MS);
}

static void processes(void)
{
    PART("processes");
    clockid_t of_child, of_self;
    pid_t child = fork();
    if (child == 0)
        for (;;)
            ;
    DO(clock_getcpuclockid(child, &of_child));
    DO(clock_getcpuclockid(0, &of_self));
    IS(of_self == CLOCK_PROCESS_CPUTIME_ID);
    while (reading(of_child) < 50 * MS)
        for_a_while(10);
    DO(kill(child, SIGSTOP));
    DO(waitpid(child, NULL, WUNTRACED));
    long stopped = reading(of_child);
    for_a_while(30);
    IS(reading(of_child) == stopped);
    DO(kill(child, SIGKILL));
    DO(waitpid(child, NULL, 0));
    struct timespec time;
    DO(clock_gettime(of_child, &time));
    DO(clock_getcpuclockid(0x3fffffff, &of_child));
}

static long sleep_by(clockid_t clock, int flags, const struct timespec *time)
{
    return syscall(SYS_clock_nanosleep, clock, flags, time, NULL);
}

static void sleeping(void)
{
    PART("sleeping by processor time");
    struct timespec none = {0, 0}, little = {0, 50 * MS}, bad = {0, -1};
    clockid_t own, of_busy;
    pthread_t busy;
    DO(sleep_by(CLOCK_THREAD_CPUTIME_ID, 0, &little));
    pthread_getcpuclockid(pthread_self(), &own);
    DO(sleep_by(own, 0, &little));
    DO(sleep_by(CLOCK_PROCESS_CPUTIME_ID, 0, &bad));
    DO(sleep_by(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, &none));
    stop = 0;
    DO(pthread_create(&busy, NULL, spin, NULL));
    pthread_getcpuclockid(busy, &of_busy);
    long before = reading(CLOCK_PROCESS_CPUTIME_ID);
    DO(sleep_by(CLOCK_PROCESS_CPUTIME_ID, 0, &little));
    IS(reading(CLOCK_PROCESS_CPUTIME_ID) - before >= 50 * MS);
    before = reading(of_busy);
    DO(sleep_by(of_busy, 0, &little));
    IS(reading(of_busy) - before >= 50 * MS);
    stop = 1;
    pthread_join(busy, NULL);
}

static volatile int alarms;
static void on_alarm(int signal) { (void)signal, alarms++; }

static void timers(void)
{
    PART("timers");
    struct sigevent event = {0};
    struct itimerspec spec = {{0, 0}, {0, 30 * MS}}, left;
    timer_t timer;
    signal(SIGUSR1, on_alarm);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGUSR1;
    DO(timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer));
    DO(timer_settime(timer, 0, &spec, NULL));
    /* Time that is slept does not count. */
    for_a_while(60);
    VALUE(alarms);
    DO(timer_gettime(timer, &left));
    IS(left.it_value.tv_nsec > 0);
    compute(100 * MS);
    VALUE(alarms);
    DO(timer_gettime(timer, &left));
    VALUE(left.it_value.tv_nsec);
    DO(timer_delete(timer));
    struct itimerval prof = {{0, 0}, {0, 20000}};
    alarms = 0;
    signal(SIGPROF, on_alarm);
    DO(setitimer(ITIMER_PROF, &prof, NULL));
    for_a_while(40);
    VALUE(alarms);
    compute(100 * MS);
    VALUE(alarms);
}

static void limit(void)
{
    PART("RLIMIT_CPU");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit second = {1, 2};
        setrlimit(RLIMIT_CPU, &second);
        signal(SIGXCPU, on_alarm);
        alarms = 0;
        while (!alarms)
            ;
        for (;;)
            ;
    }
    int status;
    DO(waitpid(child, &status, 0));
    IS(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

int main(void)
{
    threads();
    processes();
    sleeping();
    timers();
    limit();
    return 0;
}
