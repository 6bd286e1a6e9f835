/* Interrupted system calls: EINTR, SA_RESTART, and the calls that never restart. */
#include "check.h"
#include <poll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>

static int ends[2];
static volatile int calls, write_at;

static void handler(int signal)
{
    (void)signal;
    if (++calls == write_at && write(ends[1], "x", 1) != 1)
        _exit(9);
}

/* SIGALRM in 20 ms and every 20 ms again; the handler writes a byte at call number `at`. */
static void arm(int flags, int at)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    struct itimerval timer = {{0, 20000}, {0, 20000}};
    sigaction(SIGALRM, &action, NULL);
    calls = 0;
    write_at = at;
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void disarm(void)
{
    struct itimerval none = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &none, NULL);
}

int main(void)
{
    char byte;
    DO(pipe(ends));

    PART("read");
    arm(0, 0);
    DO(read(ends[0], &byte, 1));
    disarm();
    IS(calls >= 1);
    arm(SA_RESTART, 3);
    VALUE(read(ends[0], &byte, 1));
    disarm();
    IS(calls >= 3);

    PART("pause, poll, select, nanosleep: never restarted");
    arm(SA_RESTART, 0);
    DO(pause());
    struct pollfd wait = {ends[0], POLLIN, 0};
    DO(poll(&wait, 1, 5000));
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    struct timeval limit = {5, 0};
    DO(select(ends[0] + 1, &set, NULL, NULL, &limit));
    struct timespec long_time = {5, 0}, rest = {0, 0};
    DO(nanosleep(&long_time, &rest));
    IS(rest.tv_sec == 4 && rest.tv_nsec > 0);
    VALUE(clock_nanosleep(CLOCK_MONOTONIC, 0, &long_time, NULL) == EINTR);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 5;
    VALUE(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR);
    disarm();

    PART("a mask that lets the signal in for the wait alone");
    sigset_t block, none;
    sigemptyset(&none);
    sigemptyset(&block);
    sigaddset(&block, SIGALRM);
    sigprocmask(SIG_BLOCK, &block, NULL);
    arm(0, 0);
    usleep(50000);
    VALUE(calls);
    DO(ppoll(&wait, 1, NULL, &none));
    IS(calls >= 1);
    sigset_t now;
    sigprocmask(SIG_SETMASK, NULL, &now);
    VALUE(sigismember(&now, SIGALRM));
    disarm();

    PART("a signal that is ignored wakes nobody");
    sigprocmask(SIG_UNBLOCK, &block, NULL);
    signal(SIGALRM, SIG_IGN);
    struct itimerval timer = {{0, 10000}, {0, 10000}};
    setitimer(ITIMER_REAL, &timer, NULL);
    struct timespec short_time = {0, 60000000};
    DO(nanosleep(&short_time, NULL));
    disarm();
    return 0;
}
