/*
 * Many threads that sleep: nobody wakes up too early, by any clock; timers for processes and threads; alarm(2).
 * @flags -pthread
 */
#include "check.h"
#include <pthread.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#define MS 1000000L

enum { SLEEPERS = 200 };

static long now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000 * MS + time.tv_nsec;
}

static volatile int early, woken;

static void *sleep_once(void *number)
{
    static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME, CLOCK_TAI};
    long i = (long)number, ns = (20 + i * 7 % 50) * MS;
    clockid_t clock = clocks[i % 4];
    long until = now(clock) + ns;
    struct timespec time = {ns / (1000 * MS), ns % (1000 * MS)};
    int flags = 0;
    if (i & 4) {
        time = (struct timespec){until / (1000 * MS), until % (1000 * MS)};
        flags = TIMER_ABSTIME;
    }
    if (clock_nanosleep(clock, flags, &time, NULL))
        __atomic_add_fetch(&early, 1, __ATOMIC_SEQ_CST);
    /* The wall clock may be adjusted meanwhile, but not by much. */
    if (now(clock) < until - MS)
        __atomic_add_fetch(&early, 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void threads(void)
{
    PART("threads");
    static pthread_t ids[SLEEPERS];
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    int created = 0;
    for (long i = 0; i < SLEEPERS; i++)
        created += pthread_create(&ids[i], &small, sleep_once, (void *)i) == 0;
    VALUE(created);
    for (int i = 0; i < SLEEPERS; i++)
        pthread_join(ids[i], NULL);
    VALUE(woken);
    VALUE(early);
}

static volatile sig_atomic_t got;
static volatile pid_t taken_by;
static volatile int value;

static void on_signal(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    taken_by = (pid_t)syscall(SYS_gettid);
    value = info->si_value.sival_int;
    got++;
}

static void catch(int signal)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    sigaction(signal, &action, NULL);
    got = 0;
}

static volatile pid_t target;

static void *be_told(void *unused)
{
    target = (pid_t)syscall(SYS_gettid);
    while (got < 3)
        usleep(1000);
    return unused;
}

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static void timer_of_a_thread(void)
{
    PART("a timer that tells one thread");
    pthread_t thread;
    timer_t timer;
    struct sigevent event = {0};
    struct itimerspec every = {{0, 5 * MS}, {0, 5 * MS}}, once = {{0, 0}, {0, 1}};
    catch(SIGRTMIN);
    DO(pthread_create(&thread, NULL, be_told, NULL));
    while (!target)
        usleep(1000);
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGRTMIN;
    event.sigev_value.sival_int = 77;
    event.sigev_notify_thread_id = target;
    DO(timer_create(CLOCK_MONOTONIC, &event, &timer));
    DO(timer_settime(timer, 0, &every, NULL));
    DO(pthread_join(thread, NULL));
    IS(taken_by == target);
    VALUE(value);
    DO(timer_delete(timer));
    /* The thread is gone. */
    DO(timer_create(CLOCK_MONOTONIC, &event, &timer));
    event.sigev_notify = SIGEV_SIGNAL;
    got = 0;
    DO(timer_create(CLOCK_REALTIME, &event, &timer));
    DO(timer_settime(timer, 0, &once, NULL));
    while (!got)
        usleep(1000);
    IS(taken_by == getpid());
    DO(timer_delete(timer));
}

/* Each process has timers of its own, and a child starts without any. */
static void alarms(void)
{
    PART("alarms");
    catch(SIGALRM);
    DO(alarm(100));
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        VALUE(alarm(0));
        struct itimerval soon = {{0, 0}, {0, 20000}};
        DO(setitimer(ITIMER_REAL, &soon, NULL));
        DO(pause());
        VALUE(got);
        exit(0);
    }
    DO(waitpid(child, NULL, 0));
    VALUE(got);
    IS(alarm(0) > 90);
    struct itimerval soon = {{0, 10000}, {0, 10000}}, none = {{0, 0}, {0, 0}};
    DO(setitimer(ITIMER_REAL, &soon, NULL));
    /* It comes again and again, into a loop that makes no system call. */
    while (got < 3)
        ;
    DO(setitimer(ITIMER_REAL, &none, NULL));
}

/* A sleep goes on after a signal without a handler, and tells what is left after one with. */
static void interrupted(void)
{
    PART("interrupted");
    struct timespec time = {0, 200 * MS}, left = {9, 9};
    struct itimerval soon = {{0, 0}, {0, 20000}};
    catch(SIGALRM);
    DO(setitimer(ITIMER_REAL, &soon, NULL));
    DO(nanosleep(&time, &left));
    IS(left.tv_sec == 0 && left.tv_nsec > 0 && left.tv_nsec < 200 * MS);
    signal(SIGALRM, SIG_IGN);
    DO(setitimer(ITIMER_REAL, &soon, NULL));
    long before = now(CLOCK_MONOTONIC);
    DO(nanosleep(&time, NULL));
    IS(now(CLOCK_MONOTONIC) - before >= 200 * MS);
    signal(SIGALRM, SIG_DFL);
}

int main(void)
{
    threads();
    timer_of_a_thread();
    alarms();
    interrupted();
    return 0;
}
